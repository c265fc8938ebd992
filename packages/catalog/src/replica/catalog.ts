import type {
  AcceptReport,
  Clock,
  Logger,
  OperationId,
  OperationSource,
  OperationStore,
  Package,
  PackageUpdate,
  PublicKey,
  PublisherId,
  Query,
} from "@ggen/p2p-types";

import type { PublisherState } from "../rules/publisher-state.ts";
import type { Evictions } from "./eviction-book.ts";
import type { Origin } from "./operation-table.ts";
import type { RecordReport } from "./verify-records.ts";
import type { FoundPage } from "../search/search-request.ts";

/** How to open a catalogue. */
export interface CatalogInit {
  /** Absolute path of the database; its folder is made when it is opened for writing. */
  readonly path: string;
  readonly clock: Clock;
  /** Reads an existing database without writing to it, also while another process writes. Default: false. */
  readonly readOnly?: boolean;
  readonly logger?: Logger;
  /** Publishers that search and `entry` do not show; their operations are kept, so that catalogues stay equal. */
  readonly denyPublishers?: readonly PublisherId[];
  /**
   * Cap of the database in bytes. Strangers make room from 80 % on; from 90 % on only own operations are stored. Default:
   * 1 GiB.
   */
  readonly maxBytes?: number;
  /** The module of the search thread. Default: the package's own; in a bundle `search-worker.js` beside it. */
  readonly searchWorkerUrl?: string | URL;
}

/** All versions of an id, by who claims it. */
export interface PackageEntry {
  /** Lower case. */
  readonly id: string;
  /** By publisher id. Releases ascend by version, and include yanked and conflicted ones. */
  readonly claimants: readonly { readonly publisher: PublisherId; readonly releases: readonly Package[] }[];
}

/** A publisher that this node knows, by its operations or because the user named it. */
export interface KnownPublisher {
  readonly publisher: PublisherId;
  readonly trusted: boolean;
  readonly nickname?: string;
  /** Ids that it claims with a release that is neither yanked nor conflicted. */
  readonly packages: number;
}

/** When and how this node got an operation. */
export interface FirstSeen {
  /** Milliseconds since 1970 by this node's clock. */
  readonly atMs: number;
  readonly via: OperationSource;
  /** Who gave it, where it came from a peer. */
  readonly peer?: string;
}

/** The verified, searchable replica of everyone's operations. Every method throws `storage.*` when the disk fails. */
export interface Catalog extends OperationStore {
  /** Where the damaged database was moved whose place this empty one took when it was opened; see `restoreCatalog`. */
  readonly setAside?: string;
  /** As in `OperationStore`; operations that were here before may say when they first came. */
  accept(envelopes: readonly Uint8Array[], origin: Origin): Promise<AcceptReport>;
  /**
   * Compares every stored operation with its id. When one is damaged, the database is set aside when it is opened next.
   * @throws GgenError `aborted`
   */
  verify(options?: { readonly signal?: AbortSignal }): Promise<RecordReport>;
  /**
   * Searches the replica in a thread of its own; sees all that `accept` has stored before.
   * @param query - `limit` is 20 when absent
   * @throws GgenError `usage.invalid` (text over 1,000 characters, values out of range, over 400 ms), `search.cursor`,
   * `aborted`
   */
  search(query: Query, options?: { readonly signal?: AbortSignal }): Promise<FoundPage>;
  /** @param id - any case; undefined when nobody released it */
  entry(id: string): PackageEntry | undefined;
  /** The package of one release operation, when it is in force or conflicted. */
  release(operation: OperationId): Package | undefined;
  /** The newest release of every package of a publisher, by id. */
  packagesOf(publisher: PublisherId): readonly Package[];
  /** What the operations say about a publisher; undefined when there are none. */
  publisherState(publisher: PublisherId): PublisherState | undefined;
  publishers(): readonly KnownPublisher[];
  /** What the next operation of a signing key names: its number and its parent. */
  nextLink(publisher: PublisherId, key: PublicKey): { readonly seq: number; readonly prev: OperationId | null };
  /** What the next authority operation of a publisher names as its parent; undefined before its genesis. */
  authorityHead(publisher: PublisherId): OperationId | undefined;
  firstSeen(operation: OperationId): FirstSeen | undefined;

  /** @throws GgenError `usage.invalid` when the nickname is taken or could be taken for an id */
  setTrust(publisher: PublisherId, trust: { readonly trusted: boolean; readonly nickname?: string }): void;
  trusted(): ReadonlySet<PublisherId>;
  nicknameOf(publisher: PublisherId): string | undefined;
  /**
   * A publisher from what a user typed: a whole id (known or not), a unique prefix of 8 or more characters, or a nickname.
   * @throws GgenError `publisher.not-found`
   */
  resolvePublisher(text: string): PublisherId;
  /** Remembers whose an id is for this user. @param id - any case @param publisher - absent: forgets */
  pinOwner(id: string, publisher: PublisherId | undefined): void;
  pinnedOwner(id: string): PublisherId | undefined;
  /** Every publisher for which {@link pinOwner} remembers an id. */
  pinnedOwners(): ReadonlySet<PublisherId>;

  /** A small durable value of the layers above. */
  meta(key: string): string | undefined;
  /** @param value - at most 16 MiB; absent: removes it */
  setMeta(key: string, value: string | undefined): void;

  /** Calls back after every change of a package that was stored. @returns ends it */
  subscribe(listener: (update: PackageUpdate) => void): () => void;
  /** `packages` counts ids that have a release in force. */
  counts(): { readonly operations: number; readonly packages: number; readonly publishers: number };
  /** Publishers that had to make room: with some, this catalogue may differ from others that are compared with it. */
  evictions(): Evictions;
  /** Ends searches and closes the database. Idempotent. */
  close(): Promise<void>;
}
