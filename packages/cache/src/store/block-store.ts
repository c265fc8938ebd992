import { type Logger, GgenError } from "@ggen/p2p-types";

import type { StoreRows } from "../database/rows.ts";
import type { ChunkFiles, WrittenFile } from "../files/chunk-files.ts";
import { createMutex } from "../mutex.ts";
import { toStorageError } from "../storage-error.ts";

/** Staged bytes at which a batch is committed without anyone asking. */
const batchBytes = 16 * 1024 * 1024;
/** Staged bytes at which those who stage more wait. */
const maxStagedBytes = 3 * batchBytes;

interface StagedBlock {
  readonly bytes: number;
  readonly synced: WrittenFile["synced"];
  path: string;
}

/**
 * The blocks: which are here, and their bytes. A block is first *staged* (written, readable, on its way to the disk) and
 * then *committed* in a batch (file durable, named, then its row). At most 48 MiB are staged at a time.
 */
export class BlockStore {
  readonly #rows: StoreRows;
  readonly #files: ChunkFiles;
  readonly #logger: Logger;
  readonly #readOnly: boolean;
  readonly #staged = new Map<string, StagedBlock>();
  readonly #writing = new Map<string, Promise<void>>();
  /** How many imports count on a block that no tree refers to yet. */
  readonly #held = new Map<string, number>();
  /** Commits and deletions: what a file's name stands for changes only in here. */
  readonly #changes = createMutex();
  #stagedBytes = 0;
  #revision = 0;
  #lastFailure: GgenError | undefined;

  constructor(rows: StoreRows, files: ChunkFiles, logger: Logger, readOnly: boolean) {
    this.#rows = rows;
    this.#files = files;
    this.#logger = logger;
    this.#readOnly = readOnly;
  }

  /** Grows whenever blocks may have gone, so that those who remember which are here look again. */
  get revision(): number {
    return this.#revision;
  }

  /** Why the last batch that failed did: the reason when staged blocks are not here any more. */
  get lastFailure(): GgenError | undefined {
    return this.#lastFailure;
  }

  /** Bytes of a block that is here, committed or staged. */
  bytesOf(digest: string): number | undefined {
    return this.#staged.get(digest)?.bytes ?? this.#rows.blockBytes(digest);
  }

  /** Digests of the blocks that are on their way to the disk: some dozen at most. */
  staged(): string[] {
    return [...this.#staged.keys()];
  }

  /** Counts on a block until {@link release}; it is not deleted meanwhile. */
  hold(digest: string): void {
    this.#held.set(digest, (this.#held.get(digest) ?? 0) + 1);
  }

  /** Takes {@link hold} back for some blocks, and deletes those that nothing refers to. */
  async release(digests: readonly string[]): Promise<void> {
    for (const digest of digests) {
      const count = (this.#held.get(digest) ?? 0) - 1;
      if (count > 0) this.#held.set(digest, count);
      else this.#held.delete(digest);
    }
    // A commit drops what is staged for nobody; a failure to keep the others is told to those who wait for them.
    if (digests.some((digest) => this.#staged.has(digest))) await this.commit().catch(() => {});
    await this.deleteUnreferenced(() => digests);
  }

  /**
   * Stages a block whose bytes the caller has checked; nothing to do when it is here.
   * @param isPaged - whether the bytes are whole pages of memory
   * @param onWritten - called once when the bytes are not read any more
   * @throws GgenError `storage.full`, `storage.failed`
   */
  async stage(digest: string, bytes: Uint8Array, isPaged = false, onWritten?: () => void): Promise<void> {
    if (this.bytesOf(digest) !== undefined) {
      onWritten?.();
      return;
    }
    let writing = this.#writing.get(digest);
    if (writing === undefined) {
      writing = this.#write(digest, bytes, isPaged).finally(() => this.#writing.delete(digest));
      this.#writing.set(digest, writing);
    }
    await writing;
    onWritten?.();
    if (this.#stagedBytes >= maxStagedBytes) await this.commit();
    else if (this.#stagedBytes >= batchBytes) this.commitSoon();
  }

  async #write(digest: string, bytes: Uint8Array, isPaged: boolean): Promise<void> {
    const file = await this.#files.write(bytes, isPaged);
    this.#staged.set(digest, { ...file, bytes: bytes.byteLength });
    this.#stagedBytes += bytes.byteLength;
  }

  /** Starts a commit; who needs to know asks with {@link commit}, which also reports blocks that could not be kept. */
  commitSoon(): void {
    this.commit().catch((error: unknown) => {
      this.#logger.log("warn", "Fetched chunks could not be kept", { error: String(error) });
    });
  }

  /**
   * Makes the files of everything staged so far durable, and their rows with the next change that is. Blocks that could
   * not be are not here any more.
   * @throws GgenError `storage.full`, `storage.failed`
   */
  async commit(): Promise<void> {
    await Promise.allSettled(this.#writing.values());
    await this.#changes.run(async () => {
      const batch = [...this.#staged];
      if (batch.length === 0) return;
      try {
        const failures = await Promise.all(batch.map(([digest, block]) => this.#name(digest, block)));
        const named = batch.filter((_, index) => failures[index] === undefined);
        await this.#files.syncNames(named.map(([digest]) => digest));
        this.#recordBlocks(named);
        const failure = failures.find((error) => error !== undefined);
        if (failure !== undefined) throw failure;
      } catch (error) {
        this.#lastFailure = toStorageError(error, "Chunks could not be made durable");
        throw this.#lastFailure;
      } finally {
        await this.#unstage(batch);
      }
    });
  }

  async #name(digest: string, block: StagedBlock): Promise<Error | undefined> {
    const failure = await block.synced;
    if (failure !== undefined) return failure;
    try {
      block.path = await this.#files.publish(block.path, digest);
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  #recordBlocks(named: readonly (readonly [string, StagedBlock])[]): void {
    // A content is promised by the change that says it is complete, which takes these rows to the disk with it; a file
    // whose row was lost with the power is found by the next start.
    this.#rows.transaction(() => {
      for (const [digest, { bytes }] of named) {
        // Its content may have been evicted between staging and here.
        if (this.#held.has(digest) || this.#rows.isReferenced(digest)) this.#rows.insertBlock(digest, bytes);
      }
    }, true);
  }

  /** Ends the staging of a batch; files that got no row go. */
  async #unstage(batch: readonly (readonly [string, StagedBlock])[]): Promise<void> {
    for (const [digest, block] of batch) {
      this.#staged.delete(digest);
      this.#stagedBytes -= block.bytes;
      if (this.#rows.blockBytes(digest) === undefined) {
        this.#revision += 1;
        await this.#files.discard(block.path);
      }
    }
  }

  /**
   * Runs a change of trees and deletes the blocks that nothing refers to after it.
   * @param change - synchronous, inside the transaction; returns the digests to look at
   * @returns bytes that were freed
   */
  async deleteUnreferenced(change: () => readonly string[]): Promise<number> {
    return await this.#changes.run(async () => {
      const gone: string[] = [];
      let freedBytes = 0;
      this.#rows.transaction(() => {
        for (const digest of new Set(change())) {
          const bytes = this.#rows.blockBytes(digest);
          if (bytes === undefined || this.#held.has(digest) || this.#rows.isReferenced(digest)) continue;
          this.#rows.deleteBlock(digest);
          gone.push(digest);
          freedBytes += bytes;
        }
      });
      if (gone.length > 0) this.#revision += 1;
      for (const digest of gone) await this.#files.discard(this.#files.path(digest));
      return freedBytes;
    });
  }

  /**
   * The bytes of a block, checked against its digest. A damaged one is set aside and counts as not here from then on.
   * @param into - used for the bytes when they fit
   * @throws GgenError `storage.failed` when the disk refuses
   */
  async read(digest: string, into?: Uint8Array): Promise<Uint8Array | undefined> {
    // A commit or an eviction may move the file between the look-up and the read: look again.
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const staged = this.#staged.get(digest);
      const length = staged?.bytes ?? this.#rows.blockBytes(digest);
      if (length === undefined) return undefined;
      const found = await this.#files.read(staged?.path ?? this.#files.path(digest), digest, length, into);
      if (found === "damaged") break;
      if (found !== undefined) return found;
    }
    return await this.#readAlone(digest);
  }

  /** Reads once more while nothing changes, and judges. */
  async #readAlone(digest: string): Promise<Uint8Array | undefined> {
    return await this.#changes.run(async () => {
      const staged = this.#staged.get(digest);
      const length = staged?.bytes ?? this.#rows.blockBytes(digest);
      if (length === undefined) return undefined;
      const path = staged?.path ?? this.#files.path(digest);
      const found = await this.#files.read(path, digest, length);
      if (found !== undefined && found !== "damaged") return found;
      const problem = found === undefined ? "missing" : "damaged";
      this.#logger.log("warn", `A stored chunk is ${problem}`, { digest, contents: this.#rows.contentsWith(digest) });
      if (this.#readOnly) return undefined;
      if (staged !== undefined) {
        this.#staged.delete(digest);
        this.#stagedBytes -= staged.bytes;
      }
      if (found === "damaged") await this.#files.quarantine(path, digest);
      this.#revision += 1;
      this.#rows.transaction(() => this.#rows.loseBlock(digest));
      return undefined;
    });
  }

  /** Commits what is staged and waits for what is under way. */
  async close(): Promise<void> {
    try {
      await this.commit();
    } catch (error) {
      this.#logger.log("warn", "Fetched chunks could not be kept", { error: String(error) });
    }
    await this.#changes.run(() => Promise.resolve());
  }
}

/** The error of a store that was opened for reading only. */
export function readOnlyError(doing: string): GgenError {
  return new GgenError("home.locked", `${doing}: the content store was opened for reading only`);
}
