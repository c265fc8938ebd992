import type { RateLimit } from "./rate-limiter.ts";

/**
 * Every limit of the node in one table, each with its reason. `docs/protocol/wire.md` names those that a peer can run
 * into.
 */
export const limits = {
  /** Streams that one peer may hold open per protocol of ours: a download, a sync and some slack. */
  streamsPerPeer: 16,
  /** Requests being answered at once over all peers: each holds at most two blocks (2 MiB). */
  activeRequests: 32,
  /** A stream on which a peer neither sends nor reads for this long is ended. */
  idleStreamMs: 60_000,
  /** One request of operations, receipt or search. */
  requestMs: 20_000,
  /** One reconciliation, everything fetched: a million operations over a slow line. What was fetched stays. */
  syncMs: 3_600_000,
  /** A reconciliation that does not get on for this long is ended. */
  syncStallMs: 60_000,
  /** Operations that one session pushes; whoever lacks more fetches them, at its own pace. */
  pushedPerSync: 8192,
  /** Negentropy messages that a session may take: a million items with a 512 KiB frame limit need fewer than 200. */
  syncRounds: 512,
  /** Largest Negentropy message in bytes. */
  syncFrameBytes: 1_048_576,
  /** Sync sessions that a peer may begin. */
  syncRate: { perSecond: 2, burst: 60 } as RateLimit,
  /** Requests of operations. A first sync of 100,000 records takes 200. */
  operationsRate: { perSecond: 100, burst: 500 } as RateLimit,
  /** Operations that a peer may push, each a signature check of 0.2 ms. */
  putRate: { perSecond: 500, burst: 20_000 } as RateLimit,
  /** Blocks that a peer may ask for: 4 GB at once and 1 GB/s are beyond any honest use. */
  chunksRate: { perSecond: 1000, burst: 4000 } as RateLimit,
  /** Tickets for direct connections that a peer may ask for. */
  directRate: { perSecond: 1, burst: 20 } as RateLimit,
  /** How long a ticket for a direct connection holds. */
  directTicketMs: 20_000,
  /** Tickets that are out at once, over all peers and of one peer. */
  directTickets: 512,
  directTicketsPeer: 4,
  /** Direct connections that are served at once, over all peers and of one peer. */
  directConnections: 128,
  directConnectionsPeer: 4,
  /** Connecting directly, from the ticket to the first answer. */
  directConnectMs: 5000,
  /** A direct connection that owes something and gives nothing for this long, or twice at most, is ended. */
  directStallMs: 4000,
  /** After a direct connection failed a peer is asked over its stream only for this long. */
  directRetryMs: 300_000,
  /** Contents from this size on are worth a direct connection: opening one takes as long as fetching a chunk. */
  directBytes: 4_194_304,
  /** Chunk buffers kept for reuse while nobody needs them. */
  idleBuffers: 24,
  searchRate: { perSecond: 5, burst: 20 } as RateLimit,
  receiptRate: { perSecond: 20, burst: 100 } as RateLimit,
  /** Inbound connections of one IP address (loopback excepted: many nodes may share a machine). */
  connectionsPerAddress: 16,
  /** Inbound connections of one /24 (IPv4) or /48 (IPv6). */
  connectionsPerGroup: 48,
  /** New inbound connections per second and IP address; libp2p's 5 refuses two nodes behind one router that restart. */
  newConnectionsPerSecond: 50,
  /** Inbound connections that have not finished their handshake. */
  pendingConnections: 64,
  /** Below this many connections the node looks for more. */
  fewPeers: 3,
  /** Peers of the DHT that are connected to because another one named them. */
  neighbourDials: { perSecond: 1, burst: 64 } as RateLimit,
  /** How long a download goes on with the peers that it knows before it looks for others, in milliseconds. */
  furtherPeersMs: 300,
  /** Peers from which one content is fetched at once. */
  downloadPeers: 8,
  /** Provider records kept for others, in all, of one peer and for one key. */
  providerRows: 50_000,
  providerRowsPerPeer: 1000,
  providerRowsPerKey: 64,
} as const;
