import { type ContentProvider, protocols } from "@ggen/p2p-types";
import type { Multiaddr } from "@multiformats/multiaddr";
import { CID } from "multiformats/cid";

import type { BehaviourComponents } from "../behaviour.ts";
import { type BufferPool, createBufferPool } from "../chunks/buffer-pool.ts";
import { ChunkLinks } from "../chunks/chunk-links.ts";
import { askDirect } from "../direct/ask-direct.ts";
import { PeerDiscovery } from "../discovery/peer-discovery.ts";
import { createGossip, type Gossip } from "../gossip/gossip.ts";
import type { EnvelopeVerdicts } from "../gossip/verdicts.ts";
import type { DownloadComponents } from "../download/types.ts";
import { createBandwidthCaps } from "../limits/bandwidth.ts";
import { whileMoving, withDeadline } from "../limits/deadline.ts";
import { limits } from "../limits/limits.ts";
import { PublisherFetcher } from "../operations/publisher-fetcher.ts";
import { ContentRouter } from "../routing/content-router.ts";
import { NeighbourFinder } from "../routing/neighbour-finder.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { NewsSpreader } from "../sync/news-spreader.ts";
import { reconcileWith } from "../sync/sync-client.ts";
import { SyncProgressBook } from "../sync/sync-progress.ts";
import { SyncScheduler } from "../sync/sync-scheduler.ts";
import type { SyncReport } from "../sync/types.ts";
import { WantedOperations } from "../sync/wanted-operations.ts";
import { maxFindNodeBytes } from "../wire/find-node.ts";
import { maxOperationFrameBytes } from "../wire/operation-messages.ts";
import type { NodeSettings } from "./init.ts";
import { dhtBucketSize, type Libp2pNode } from "./libp2p-node.ts";
import { PeerBook } from "./peer-book.ts";
import { PeerRequests } from "./peer-requests.ts";
import { createPeerStreams, type PeerStreams } from "./peer-streams.ts";
import type { MovedBytes } from "./stats.ts";

/** The parts of a node that runs. */
export interface NodeParts {
  readonly node: Libp2pNode;
  readonly streams: PeerStreams;
  readonly pool: BufferPool;
  readonly links: ChunkLinks;
  readonly book: PeerBook;
  readonly gossip: Gossip;
  readonly router: ContentRouter;
  readonly discovery: PeerDiscovery;
  /** Undefined in a node that only asks the DHT: nobody needs to find it there. */
  readonly neighbours: NeighbourFinder | undefined;
  readonly sync: SyncScheduler;
  readonly syncProgress: SyncProgressBook;
  readonly news: NewsSpreader;
  readonly requests: PeerRequests;
  /** What every download is given. */
  readonly downloads: DownloadComponents;
  readonly moved: MovedBytes;
  /** Who may hold a content: connected peers first, then whoever the DHT names. */
  readonly holdersOf: (cid: string, signal: AbortSignal) => AsyncIterable<string | ContentProvider>;
}

/** What the parts call back. */
export interface NodeHooks {
  /** Connects. @throws GgenError `network.*` */
  connect(addresses: readonly Multiaddr[]): Promise<string>;
  onSyncEnd(peerId: string, result: SyncReport | Error): void;
}

/**
 * Makes the parts of a node over libp2p and ties them together; nothing is started.
 * @param stopping - aborted when the node stops
 */
export function joinParts(
  components: BehaviourComponents,
  settings: NodeSettings,
  node: Libp2pNode,
  verdicts: EnvelopeVerdicts,
  hooks: NodeHooks,
  stopping: AbortSignal,
): NodeParts {
  const { clock, random, operations, evidence, createReconciler } = components;
  const { libp2p } = node;
  const logger = components.logger.child("p2p");
  const streams = createPeerStreams(libp2p, { clock, logger });
  const book = new PeerBook(libp2p);
  const pool = createBufferPool(limits.idleBuffers);
  const openFrames = async (
    peerId: string,
    protocol: string,
    maxBytes: number,
    signal: AbortSignal,
  ): Promise<FrameStream> => new FrameStream(await streams.open(peerId, protocol, signal), maxBytes);

  const wanted = new WantedOperations(clock);
  const progress = new SyncProgressBook();
  const reconcile = (peerId: string, signal: AbortSignal): Promise<SyncReport> =>
    withDeadline(clock, limits.syncMs, signal, `A reconciliation with ${peerId}`, (inTime) =>
      whileMoving(clock, limits.syncStallMs, inTime, `A reconciliation with ${peerId}`, (combined, onMoved) =>
        reconcileWith(
          {
            operations,
            createReconciler,
            evidence,
            clock,
            wanted,
            progress,
            onMoved,
            openSync: (s) => openFrames(peerId, protocols.sync, limits.syncFrameBytes, s),
            openOperations: (s) => openFrames(peerId, protocols.operations, maxOperationFrameBytes, s),
          },
          peerId,
          combined,
        ),
      ),
    );
  async function* holdersOf(cid: string, signal: AbortSignal): AsyncGenerator<string | ContentProvider> {
    yield* book.speakers(protocols.chunks, () => random.number());
    yield* router.findProviders(CID.parse(cid).multihash.digest, { signal });
  }
  const router = new ContentRouter({
    dht: libp2p.services.dht,
    clock,
    queryMs: settings.dhtQueryMs,
    copies: dhtBucketSize(settings),
    hasPeers: () => libp2p.getPeers().length > 0,
    servers: () => book.speakers(settings.dhtProtocol, () => 0).length,
  });
  // A light node compares its catalogue with nobody's.
  const syncSpeakers = (): readonly string[] =>
    settings.isLight ? [] : book.speakers(protocols.sync, () => random.number());
  const sync = new SyncScheduler({
    clock,
    logger: logger.child("sync"),
    isActive: !settings.isLight,
    speakers: syncSpeakers,
    sync: reconcile,
    onEnd: (peerId, result) => {
      book.setSynced(peerId, !(result instanceof Error) && result.equal);
      hooks.onSyncEnd(peerId, result);
    },
  });
  const links = new ChunkLinks({
    clock,
    pool,
    ...(settings.directTransfer
      ? { openDirect: (peerId, signal) => askDirect({ clock, libp2p, streams }, peerId, signal) }
      : {}),
    openStream: (provider, signal) =>
      withDeadline(clock, settings.connectionTimeoutMs, signal, "A connection", (combined) =>
        streams.open(provider, protocols.chunks, combined),
      ),
  });
  const requests = new PeerRequests({ ...components, links, streams });
  const publishers = new PublisherFetcher({
    ...components,
    operationsOf: (peerId, publisher) => requests.operationsOf(peerId, { publisher }, stopping),
  });
  const moved: MovedBytes = { downloaded: 0, uploaded: 0 };
  const ownPeerId = libp2p.peerId.toString();
  return {
    node,
    streams,
    book,
    router,
    pool,
    links,
    gossip: createGossip(
      { operations, evidence, verdicts, onOrphan: (peerId, publisher) => void publishers.fetch(peerId, publisher) },
      libp2p.services.pubsub,
      settings.packagesTopic,
    ),
    discovery: new PeerDiscovery({
      clock,
      random,
      logger: logger.child("discovery"),
      connectedPeers: () => libp2p.getPeers().length,
      isConnected: (peerId) => book.isConnected(peerId),
      dial: (addresses) => hooks.connect(addresses),
    }),
    neighbours: settings.dhtServerMode
      ? new NeighbourFinder({
          clock,
          logger: logger.child("dht"),
          ownPeerId,
          size: dhtBucketSize(settings),
          openDht: (peerId, signal) => openFrames(peerId, settings.dhtProtocol, maxFindNodeBytes, signal),
          connect: (addresses) => hooks.connect(addresses),
        })
      : undefined,
    sync,
    syncProgress: progress,
    news: new NewsSpreader({ clock, speakers: syncSpeakers, sync: (peerId) => sync.syncWith(peerId) }),
    requests,
    downloads: {
      ownPeerId,
      clock,
      random,
      evidence,
      links,
      caps: createBandwidthCaps(clock, settings.downloadKbps, settings.peerDownloadKbps),
      onReceived: (bytes) => {
        moved.downloaded += bytes;
      },
    },
    moved,
    holdersOf,
  };
}
