import type { OperationSource } from "./package.ts";
import type { ContentAddress, OperationId } from "./records/operation.ts";

/** What became of the envelopes given to {@link OperationStore.accept}. */
export interface AcceptReport {
  /** New to this node and stored durably. */
  readonly accepted: readonly OperationId[];
  /** Already held. */
  readonly known: readonly OperationId[];
  /** Valid in themselves but not kept now (quota, a time too far ahead): their sender is not to blame. */
  readonly deferred: readonly OperationId[];
  /** Malformed or wrongly signed: their sender is to blame. `index` is the place in the given list. */
  readonly rejected: readonly { readonly index: number; readonly error: Error }[];
}

/** One element of the reconciled set. */
export interface ReconcileItem {
  /** The operation's `time` in seconds. */
  readonly time: number;
  /** 32 bytes. */
  readonly id: Uint8Array;
}

/** An ordered set of `(time, id)` with range fingerprints; the algorithm over it is pure. */
export interface ReconcileIndex {
  readonly size: number;
  /** How many items order before `bound`: by time, then by the bytes of `id`, which may be a prefix of 0-32 bytes. */
  lowerBound(time: number, idPrefix: Uint8Array): number;
  /** The item at a rank. @throws RangeError */
  at(rank: number): ReconcileItem;
  /** Sum of the ids, as little-endian 256-bit integers modulo 2^256, over ranks `from` (included) to `to` (not). 32 bytes. */
  sum(from: number, to: number): Uint8Array;
}

/** The catalogue as the network sees it. */
export interface OperationStore {
  has(id: OperationId): boolean;
  /** The envelopes of those ids that are held, in the order asked. */
  envelopes(ids: readonly OperationId[]): readonly Uint8Array[];
  /** Ids of a publisher's operations or of those that name a package, oldest first. */
  idsOf(selector: { readonly publisher: string } | { readonly package: string }, limit: number): readonly OperationId[];
  /** Checks, stores durably and applies. Resolves when stored; never rejects for what is in the envelopes. */
  accept(
    envelopes: readonly Uint8Array[],
    origin: { readonly via: OperationSource; readonly peer?: string },
  ): Promise<AcceptReport>;
  /** The reconciled (admitted) set, live: it grows under the reader. A session takes {@link ReconcileIndex} from here. */
  reconcileIndex(): ReconcileIndex;
  /**
   * Operations whose signatures decide something and may be more in a peer's copy, which comparing ids does not show: they
   * are asked for whenever sets are compared. A store of one copy each has none.
   */
  contested?(): readonly OperationId[];
  /** A fingerprint over the whole admitted set, 64 hexadecimal digits: equal exactly when the sets are. */
  fingerprint(): string;
}

/** A block of a content tree. */
export interface BlockRef {
  /** sha2-256 of the block, 64 hexadecimal digits. */
  readonly digest: string;
  readonly kind: "node" | "leaf";
  /** For a leaf its exact bytes; for a node the content bytes below it. */
  readonly size: number;
  /** For a leaf its number in the content, from 0. For a node the number of the first leaf below it. */
  readonly index: number;
}

/** How much of a content is here. */
export interface ContentStat {
  readonly content: ContentAddress;
  readonly complete: boolean;
  /** Chunks in all and those here. */
  readonly chunks: number;
  readonly present: number;
  readonly pins: readonly string[];
}

/** A content that is being fetched; what it holds survives a crash. */
export interface ContentWriter {
  readonly content: ContentAddress;
  readonly complete: boolean;
  /** Chunks in all; known from the size alone. */
  readonly chunks: number;
  /** Blocks that can be asked for now and are not here, in order: leaves become known as nodes arrive. */
  missing(): readonly BlockRef[];
  /**
   * Checks a block against its digest and shape, and stores it. Idempotent; safe to call concurrently.
   * @param bytes - must not be changed until `release` is called; never, when it is not
   * @param release - called at most once, when nobody reads the bytes any more; not at all when they are kept
   * @throws GgenError `content.mismatch`, `storage.full`, `storage.failed`
   */
  put(block: BlockRef, bytes: Uint8Array, release?: () => void): Promise<void>;
  /**
   * Makes everything durable, checks the whole sha256 and size, and marks the content complete.
   * @throws GgenError `content.mismatch` (then the content is dropped), `storage.full`, `storage.failed`
   */
  finish(signal?: AbortSignal): Promise<void>;
  /** Gives the writer back; what was fetched stays for a later one. */
  close(): void;
}

/** The verified content store as the layers above see it. Contents are named by their CID text. */
export interface ContentStore {
  stat(cid: string): ContentStat | undefined;
  /**
   * One bit per chunk, least significant bit first; undefined when nothing of the content is here.
   */
  haveMap(cid: string): Uint8Array | undefined;
  /**
   * A block of a content, checked against its digest on every read; undefined when it is not here (a damaged one is set
   * aside and counts as not here).
   * @param into - may be used for the bytes, when they fit: what is returned is then a view of it
   */
  readBlock(cid: string, digest: string, into?: Uint8Array): Promise<Uint8Array | undefined>;
  /**
   * The bytes of a complete content, each chunk checked before it is yielded.
   * @param range - first byte and the byte after the last; the whole when absent
   * @throws GgenError `content.missing`, `content.mismatch`
   */
  read(
    cid: string,
    range?: { readonly start: number; readonly end: number },
    signal?: AbortSignal,
  ): AsyncIterable<Uint8Array>;
  /** Opens a content for fetching; goes on with what is here. @throws GgenError `archive.too-large` over the cap */
  open(content: ContentAddress): Promise<ContentWriter>;
  /**
   * Stores a whole content of our own making and returns its address, durable when it resolves.
   * @throws GgenError `archive.too-large`, `storage.full`, `storage.failed`
   */
  add(source: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<ContentAddress>;
  /** Keeps a content from eviction for a reason, e.g. `own`, `installed`, `user`. Durable when it resolves. */
  pin(cid: string, reason: string): Promise<void>;
  unpin(cid: string, reason: string): Promise<void>;
  /** Keeps a content from eviction until released (while it is served or installed). */
  lease(cid: string): () => void;
}
