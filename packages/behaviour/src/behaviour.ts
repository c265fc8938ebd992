import type {
  Clock,
  ContentProvider,
  ContentStore,
  ContentWriter,
  Logger,
  OperationId,
  OperationStore,
  PeerInfo,
  Query,
  RandomSource,
} from "@ggen/p2p-types";

import type { DownloadOptions, DownloadReport } from "./download/types.ts";
import type { BlockSource } from "./bitswap/bitswap-server.ts";
import type { EvidenceSink } from "./node/evidence.ts";
import type { Reachability } from "./node/reachability.ts";
import type { SyncProgress } from "./sync/sync-progress.ts";
import type { CreateReconciler, SyncReport } from "./sync/types.ts";
import type { OnCopyAsked } from "./receipt/receipt.ts";
import type { SearchAnswer, SearchLocal } from "./search/search.ts";
import type { OperationSelector, PutAnswer } from "./wire/operation-messages.ts";
import type { CopyAnswer } from "./wire/receipt-messages.ts";

/** What the node needs. */
export interface BehaviourComponents {
  /** 32 bytes, the seed of the Ed25519 key that is this peer's identity. */
  readonly privateKeySeed: Uint8Array;
  readonly operations: OperationStore;
  readonly contents: ContentStore;
  /** What IPFS nodes may fetch over Bitswap; not spoken when absent. */
  readonly blocks?: BlockSource;
  /** `createReconciler` of `@ggen/p2p-catalog`. */
  readonly createReconciler: CreateReconciler;
  readonly searchLocal: SearchLocal;
  /** Decides about copies that peers ask for; absent: none is taken. */
  readonly onCopyAsked?: OnCopyAsked;
  readonly evidence: EvidenceSink;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** SQLite file of known peers and DHT records; in memory when undefined. */
  readonly datastorePath: string | undefined;
}

/** A peer as the node sees it now: what others think of it, and where it is, is known above. */
export type BehaviourPeer = Omit<PeerInfo, "reputation" | "location">;

/** Something that happened to a peer. `identify` comes when its protocols are known. */
export interface PeerEvent {
  readonly type: "connect" | "disconnect" | "identify";
  readonly peerId: string;
}

/**
 * The end of a reconciliation. Of one that the peer began only rounds and bytes are known here, and that the peer ended
 * it in order.
 */
export type SyncEvent =
  | { readonly peerId: string; readonly begunBy: "us" | "peer"; readonly report: SyncReport }
  | { readonly peerId: string; readonly begunBy: "us"; readonly error: Error };

/** Figures of the node; rates are 0-1 and 1 before anything was counted. */
export interface BehaviourStats {
  readonly connectedPeers: number;
  readonly knownPeers: number;
  /** Provider records held here. */
  readonly dhtEntries: number;
  readonly dhtQueries: number;
  readonly dhtQuerySuccessRate: number;
  readonly gossipSent: number;
  readonly gossipReceived: number;
  /** Announcements that were sent to at least one peer, of all. */
  readonly gossipDeliveryRate: number;
  /** Smoothed round trip of requests in milliseconds; 0 before the first. */
  readonly requestLatencyMs: number;
  readonly bytesDownloaded: number;
  readonly bytesUploaded: number;
}

/**
 * The libp2p node of the marketplace: it meets peers, keeps catalogues equal, announces, finds holders and moves
 * verified bytes. What it receives it hands to the stores of its components; it keeps no catalogue of its own.
 */
export interface MarketplaceBehaviour {
  readonly peerId: string;
  /**
   * Listens and begins to look for peers.
   * @param options - `subscribe: false` leaves the topic of announcements to {@link subscribe}
   * @throws GgenError `network.listen-failed` naming the address, `registry.already-running`
   */
  start(signal?: AbortSignal, options?: { readonly subscribe?: boolean }): Promise<void>;
  /** Joins the topic of announcements, which {@link start} does unless told otherwise. Idempotent. */
  subscribe(): void;
  /** Ends everything: no timer and no socket is left. Idempotent; a stopped node is not started again. */
  stop(): Promise<void>;
  /** Where this node can be dialled, with `/p2p/`; empty before it listens. */
  addresses(): string[];
  /** `public` once a peer from a public address has connected to it; `private` while it has no public address. */
  reachability(): Reachability;
  /**
   * Connects to an address.
   * @returns the peer's id
   * @throws GgenError `address.invalid`, `network.dial-failed`, `network.connection-timeout`
   */
  dial(address: string, signal?: AbortSignal): Promise<string>;
  /** Ends the connections to a peer. */
  hangUp(peerId: string): Promise<void>;
  /** Ids of the peers that are connected now. */
  connectedPeers(): string[];
  /** Those of them that say they keep the whole catalogue, by speaking `/ggen/sync/1`, in random order. */
  fullPeers(): string[];
  /** Connected peers, and those known from before. */
  peers(): Promise<BehaviourPeer[]>;
  /** @returns ends the subscription */
  onPeer(listener: (event: PeerEvent) => void): () => void;
  /** @returns ends the subscription */
  onSync(listener: (event: SyncEvent) => void): () => void;
  /**
   * Announces an operation by gossip; while the topic has no subscriber yet, to connected peers directly.
   * @param envelope - at most 16 KiB
   * @returns how many peers it was sent to
   */
  announce(envelope: Uint8Array): Promise<number>;
  /**
   * Makes both catalogues equal. Happens by itself when a peer was dialled and every few minutes with a random one.
   * @throws GgenError `network.*`
   */
  syncWith(peerId: string, signal?: AbortSignal): Promise<SyncReport>;
  /** How far the fetching of what is missing here is; undefined when nothing is being fetched. */
  syncProgress(): SyncProgress | undefined;
  /**
   * Says in the DHT that this node holds something.
   * @param digest - 32 bytes of sha2-256: of a content's root, or of a package key
   * @returns how many peers stored it; 0 is retried by itself when peers come
   * @throws GgenError `dht.lookup-timeout`
   */
  provide(digest: Uint8Array, signal?: AbortSignal): Promise<number>;
  /**
   * Says it in the background, among others and one after the other: for many at once. Does nothing while it is stopped.
   * @param digest - 32 bytes
   */
  provideSoon(digest: Uint8Array): void;
  /** Takes it back: it is not said again and not served from here; copies of the record at other peers expire. */
  withdraw(digest: Uint8Array): Promise<void>;
  /** What this node says that it holds, in this run or an earlier one: digests in hexadecimal. */
  provided(): readonly string[];
  /** Walks the DHT for holders. @throws GgenError `dht.lookup-timeout` */
  findProviders(digest: Uint8Array, options?: { readonly signal?: AbortSignal }): AsyncIterable<ContentProvider>;
  /**
   * A peer's operations of a publisher or package, oldest first. Not verified: give them to the store's `accept`.
   * @param options - `limit`: 1-512; `offset`: how many are left out at the beginning, 0-200,000
   * @throws GgenError `network.*`
   */
  operationsOf(
    peerId: string,
    selector: OperationSelector,
    options?: { readonly limit?: number; readonly offset?: number; readonly signal?: AbortSignal },
  ): Promise<Uint8Array[]>;
  /** Gives operations to a peer. @throws GgenError `network.*` */
  pushOperations(peerId: string, envelopes: readonly Uint8Array[], signal?: AbortSignal): Promise<PutAnswer>;
  /**
   * Asks a peer's catalogue.
   * @returns envelopes, best first, not verified: give them to the store's `accept`
   * @throws GgenError `network.*`
   */
  searchPeer(peerId: string, query: Query, signal?: AbortSignal): Promise<SearchAnswer>;
  /**
   * Asks a peer whether it holds a whole content; what it says is a claim.
   * @param size - bytes of the content
   * @throws GgenError `network.*`
   */
  holds(
    peerId: string,
    content: { readonly cid: string; readonly size: number },
    signal?: AbortSignal,
  ): Promise<boolean>;
  /**
   * Has a peer prove that it holds a content that this node holds too: by the hash of a nonce and of random blocks.
   * @returns whether it proved it
   * @throws GgenError `content.missing` when it is not here, `network.*`
   */
  askReceipt(peerId: string, cid: string, signal?: AbortSignal): Promise<boolean>;
  /**
   * Asks a peer to take a copy of what a release holds.
   * @param operation - id of the release
   * @returns what it says it does; `held` is worth a challenge
   * @throws GgenError `network.*`
   */
  askCopy(peerId: string, operation: OperationId, signal?: AbortSignal): Promise<CopyAnswer>;
  /**
   * The network from which a peer is connected: the /24 of its IPv4 address or the /48 of its IPv6 address, as seen on
   * the connection (what a peer says of itself proves nothing). Undefined when it is not connected.
   */
  addressGroup(peerId: string): string | undefined;
  /**
   * Fetches what a content lacks, from several peers at once, each block verified alone. Does not finish the writer.
   * @throws GgenError `package.no-providers` naming whom it asked, `storage.*`
   */
  download(writer: ContentWriter, options?: DownloadOptions): Promise<DownloadReport>;
  stats(): Promise<BehaviourStats>;
}
