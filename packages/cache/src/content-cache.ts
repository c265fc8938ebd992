import { join } from "node:path";

import {
  type CacheStatus,
  type CacheVerifyReport,
  type CallOptions,
  type Clock,
  type ContentAddress,
  type ContentStat,
  type ContentStore,
  GgenError,
  type Logger,
  type RandomSource,
  silentLogger,
} from "@ggen/p2p-types";

import { isDigest, parseContentCid } from "./address.ts";
import { openDatabase } from "./database/open-database.ts";
import { StoreRows } from "./database/rows.ts";
import { ChunkFiles } from "./files/chunk-files.ts";
import { createPageBuffers } from "./files/page-buffers.ts";
import { findHashWorker, HashThread } from "./hash/hash-thread.ts";
import { BlockStore, readOnlyError } from "./store/block-store.ts";
import { type Collected, Evictor } from "./store/evictor.ts";
import type { StoreContext } from "./store/fetch-state.ts";
import { importContent } from "./store/importer.ts";
import { type ByteRange, haveMapOf, readContent, statContent } from "./store/reader.ts";
import { rebuild } from "./store/rebuild.ts";
import { sweep } from "./store/recovery.ts";
import { Usage } from "./store/usage.ts";
import { verifyBlocks } from "./store/verifier.ts";
import { type FollowableWriter, WriterPool } from "./store/writer.ts";

const maxReasonLength = 64;
/** Fetched chunks that are on their way to the disk or wait for their turn to be hashed, and share memory with both. */
const sharedChunks = 24;

/** Settings of {@link openContentCache}. */
export interface ContentCacheOptions {
  /** The store's own folder; made when it is not there. One process at a time may write to it. */
  readonly directory: string;
  /** Quota in bytes for contents that are not pinned, leased or being written. */
  readonly maxBytes: number;
  /** Largest content in bytes. */
  readonly maxPackageBytes: number;
  readonly clock: Clock;
  /** Names temporary files; no two may be equal. */
  readonly random: RandomSource;
  readonly logger?: Logger;
  /** Changes nothing: a reader beside the process that writes. */
  readonly readOnly?: boolean;
  /** The module of the thread that hashes. Default: the package's own; in a bundle `hash-worker.js` beside it. */
  readonly hashWorkerUrl?: URL;
}

/** The content store with what its owner may do to it. */
export interface ContentCache extends ContentStore {
  /** As in `ContentStore`; what comes can be followed. @throws GgenError `archive.too-large`, `content.mismatch` */
  open(content: ContentAddress): Promise<FollowableWriter>;
  /**
   * As in `ContentStore`, and pins the content in the same step, so that nothing can evict it in between.
   * @param pin - reason of the pin
   */
  add(source: AsyncIterable<Uint8Array>, signal?: AbortSignal, pin?: string): Promise<ContentAddress>;
  /** Whether a block is here, whatever content it belongs to. @param digest - sha2-256, 64 hexadecimal digits */
  hasBlock(digest: string): boolean;
  /**
   * A block by what it is, whatever content it belongs to, checked against its digest; undefined when it is not here.
   * @param digest - sha2-256, 64 hexadecimal digits
   */
  findBlock(digest: string): Promise<Uint8Array | undefined>;
  /** Where the damaged database was moved that was rebuilt from the chunks when the store was opened. */
  readonly setAside?: string;
  /** Figures. A hit is an `open` that found the content complete, a miss one that did not. */
  status(): CacheStatus;
  /** Checks every chunk and sets the damaged aside. @throws GgenError `aborted`, `storage.failed` */
  verify(options?: CallOptions): Promise<CacheVerifyReport>;
  /** Evicts what is over the quota, the least recently used first. */
  gc(): Promise<Collected>;
  /** Every content of which something is here, the least recently used first. */
  contents(): ContentStat[];
  /** Deletes a content now, unless it is pinned, leased or being written. @returns whether it was deleted */
  drop(cid: string): Promise<boolean>;
  /** Makes everything durable and closes. Further calls fail with `aborted`. */
  close(): Promise<void>;
}

class OpenContentCache implements ContentCache {
  readonly #options: ContentCacheOptions;
  readonly #context: StoreContext;
  readonly #evictor: Evictor;
  readonly #writers: WriterPool;
  readonly setAside?: string;
  #hits = 0;
  #misses = 0;
  #closed = false;

  constructor(options: ContentCacheOptions, rows: StoreRows, files: ChunkFiles, logger: Logger, setAside?: string) {
    if (setAside !== undefined) this.setAside = setAside;
    const blocks = new BlockStore(rows, files, logger, options.readOnly ?? false);
    this.#options = options;
    const pages = createPageBuffers(sharedChunks);
    const hashes = new HashThread(options.clock, () => options.hashWorkerUrl ?? findHashWorker());
    this.#context = { rows, blocks, usage: new Usage(rows), pages, hashes };
    this.#evictor = new Evictor(this.#context, options.maxBytes, logger);
    const { maxPackageBytes } = options;
    this.#writers = new WriterPool(this.#context, { maxPackageBytes, evictor: this.#evictor, logger });
  }

  #checkOpen(): void {
    if (this.#closed) throw new GgenError("aborted", "The content store was closed");
  }

  #checkWritable(doing: string): void {
    this.#checkOpen();
    if (this.#options.readOnly === true) throw readOnlyError(doing);
  }

  stat(cid: string): ContentStat | undefined {
    this.#checkOpen();
    const row = this.#context.rows.content(cid);
    return row === undefined ? undefined : statContent(this.#context, row);
  }

  haveMap(cid: string): Uint8Array | undefined {
    this.#checkOpen();
    const row = this.#context.rows.content(cid);
    return row === undefined ? undefined : haveMapOf(this.#context, row);
  }

  async readBlock(cid: string, digest: string, into?: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    const { rows, blocks, usage } = this.#context;
    if (!isDigest(digest) || !rows.isPartOf(cid, digest)) return undefined;
    usage.touch(cid);
    return await blocks.read(digest, into);
  }

  hasBlock(digest: string): boolean {
    this.#checkOpen();
    return isDigest(digest) && this.#context.blocks.bytesOf(digest) !== undefined;
  }

  async findBlock(digest: string): Promise<Uint8Array | undefined> {
    this.#checkOpen();
    return isDigest(digest) ? await this.#context.blocks.read(digest) : undefined;
  }

  async *read(cid: string, range?: ByteRange, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    this.#checkOpen();
    yield* readContent(this.#context, cid, range, signal);
  }

  async open(content: ContentAddress): Promise<FollowableWriter> {
    this.#checkWritable("A content cannot be fetched");
    const writer = await this.#writers.open(content);
    if (writer.complete) this.#hits += 1;
    else this.#misses += 1;
    return writer;
  }

  async add(source: AsyncIterable<Uint8Array>, signal?: AbortSignal, pin?: string): Promise<ContentAddress> {
    this.#checkWritable("A content cannot be stored");
    if (pin !== undefined) checkReason(pin);
    const address = await importContent(this.#context, source, {
      maxPackageBytes: this.#options.maxPackageBytes,
      ...(pin === undefined ? {} : { pin }),
      ...(signal === undefined ? {} : { signal }),
    });
    const release = this.#context.usage.keep(address.cid);
    try {
      await this.#evictor.collectQuietly(address.cid);
    } finally {
      release();
    }
    return address;
  }

  async pin(cid: string, reason: string): Promise<void> {
    this.#checkWritable("A content cannot be pinned");
    checkReason(reason);
    const { rows } = this.#context;
    if (parseContentCid(cid) === undefined || rows.content(cid) === undefined) {
      throw new GgenError("content.missing", `Content ${cid.slice(0, 64)} is not here`);
    }
    rows.transaction(() => rows.addPin(cid, reason));
  }

  async unpin(cid: string, reason: string): Promise<void> {
    this.#checkWritable("A content cannot be unpinned");
    const { rows } = this.#context;
    rows.transaction(() => rows.removePin(cid, reason));
  }

  lease(cid: string): () => void {
    this.#checkOpen();
    return this.#context.usage.keep(cid);
  }

  status(): CacheStatus {
    this.#checkOpen();
    const { rows, usage } = this.#context;
    const hits = this.#hits;
    const misses = this.#misses;
    return {
      bytes: rows.blockTotals().bytes,
      evictableBytes: rows.evictableBytes(usage.kept()),
      maxBytes: this.#options.maxBytes,
      ...rows.contentCounts(),
      hits,
      misses,
      hitRate: hits + misses === 0 ? 0 : hits / (hits + misses),
      evictions: this.#evictor.evictions,
    };
  }

  async verify(options: CallOptions = {}): Promise<CacheVerifyReport> {
    this.#checkOpen();
    return await verifyBlocks(this.#context, options);
  }

  async gc(): Promise<Collected> {
    this.#checkWritable("Contents cannot be evicted");
    return await this.#evictor.collect();
  }

  contents(): ContentStat[] {
    this.#checkOpen();
    return this.#context.rows
      .contents()
      .map((row) => statContent(this.#context, row))
      .filter((found) => found !== undefined);
  }

  async drop(cid: string): Promise<boolean> {
    this.#checkWritable("A content cannot be deleted");
    const { rows, blocks, usage } = this.#context;
    let dropped = false;
    await blocks.deleteUnreferenced(() => {
      if (usage.count(cid) > 0 || rows.pins(cid).length > 0 || rows.content(cid) === undefined) return [];
      dropped = true;
      return rows.deleteContent(cid);
    });
    return dropped;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { rows, blocks, usage, hashes } = this.#context;
    await blocks.close();
    await hashes.close();
    try {
      if (this.#options.readOnly !== true) rows.transaction(() => usage.save());
    } catch (error) {
      // The order of use may be lost; a full disk must not keep a node from ending.
      this.#options.logger?.log("warn", "The order of use could not be kept", { error: String(error) });
    } finally {
      rows.close();
    }
  }
}

function checkReason(reason: string): void {
  if (reason.length >= 1 && reason.length <= maxReasonLength) return;
  throw new GgenError("usage.invalid", "The reason of a pin is not valid", {
    expected: `1-${maxReasonLength} characters`,
    got: `${reason.length}`,
  });
}

/**
 * Opens the content store of a node. What an earlier process left unfinished is brought in order; a damaged database is
 * set aside and rebuilt from the chunk files.
 * @throws GgenError `storage.newer`, `storage.full`, `storage.failed`; with `readOnly` also `storage.corrupt`
 */
export async function openContentCache(options: ContentCacheOptions): Promise<ContentCache> {
  const logger = options.logger ?? silentLogger;
  const readOnly = options.readOnly ?? false;
  const files = new ChunkFiles(options.directory, options.random);
  if (!readOnly) await files.prepare();
  const path = join(options.directory, "store.db");
  let setAside: string | undefined;
  const onSetAside = (aside: string): void => {
    setAside = aside;
  };
  const rows = new StoreRows(openDatabase({ path, readOnly, clock: options.clock, logger, onSetAside }));
  try {
    if (!readOnly) {
      if (!rows.isSettled()) await rebuild(rows, files, logger, options.maxPackageBytes);
      await sweep(rows, files, logger);
    }
    return new OpenContentCache(options, rows, files, logger, setAside);
  } catch (error) {
    rows.close();
    throw error;
  }
}
