import { hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { type RandomSource, toHex } from "@ggen/p2p-types";

import { isDigest } from "../address.ts";
import { isSystemError, toStorageError } from "../storage-error.ts";

/** Damaged files that are kept for a look; the oldest go first. */
const maxQuarantined = 16;

/** A file that was written, and whose way to the disk is under way. */
export interface WrittenFile {
  readonly path: string;
  /** Resolves when the file is durable, or to the error that kept it from being so. Never rejects. */
  readonly synced: Promise<Error | undefined>;
}

/** Makes names in a directory durable. Windows has no such call and needs none. */
async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.byteLength) {
    written += (await handle.write(bytes, written)).bytesWritten;
  }
}

/** Whether a file system said that it knows no direct writes. */
function isRefusal(error: unknown): boolean {
  const { cause } = error as Error;
  return ["EINVAL", "ENOTSUP", "EOPNOTSUPP"].some((code) => isSystemError(cause, code));
}

/** How many damaged files came before this one, by its name. */
function turnOf(name: string): number {
  return Number(/\.(\d+)$/.exec(name)?.[1] ?? 0);
}

async function syncAndClose(handle: FileHandle): Promise<Error | undefined> {
  try {
    await handle.sync();
    await handle.close();
    return undefined;
  } catch (error) {
    await handle.close().catch(() => {});
    return error as Error;
  }
}

/**
 * The files of the store: `chunks/ab/abcd…` named by digest, `tmp` for those on their way, `quarantine` for damaged ones.
 * A file below `chunks` was durable before it got its name, so it is whole unless the disk spoilt it.
 */
export class ChunkFiles {
  readonly #directory: string;
  /** Of temporary names. */
  readonly #prefix: string;
  #written = 0;
  readonly #shards = new Set<string>();
  /** 0 where the system or the file system knows no direct writes. */
  #directFlag: number = (constants.O_DIRECT as number | undefined) ?? 0;

  constructor(directory: string, random: RandomSource) {
    this.#directory = directory;
    this.#prefix = toHex(random.bytes(8));
  }

  /** Makes the folders and removes what an earlier process left half-written. */
  async prepare(): Promise<void> {
    const temporary = join(this.#directory, "tmp");
    try {
      for (const name of ["chunks", "tmp", "quarantine"]) {
        await mkdir(join(this.#directory, name), { recursive: true, mode: 0o700 });
      }
      // Emptied, not made anew: a full disk has no room for a folder.
      for (const name of await readdir(temporary)) await rm(join(temporary, name), { recursive: true, force: true });
      await syncDirectory(this.#directory);
      await syncDirectory(dirname(this.#directory));
    } catch (error) {
      throw toStorageError(error, "The folders of the content store could not be made");
    }
  }

  /** Where the chunk of a digest is. @throws RangeError for anything that is not a digest, e.g. a path */
  path(digest: string): string {
    if (!isDigest(digest)) throw new RangeError("not a sha2-256 digest in hexadecimal");
    return join(this.#directory, "chunks", digest.slice(0, 2), digest);
  }

  /**
   * Writes bytes under a temporary name.
   * @param isPaged - whether they are whole pages of memory: they go to the disk directly then, past the system's cache,
   * which saves it a copy and leaves little to be synced
   * @throws GgenError `storage.full`, `storage.failed` (nothing is left then)
   */
  async write(bytes: Uint8Array, isPaged = false): Promise<WrittenFile> {
    this.#written += 1;
    const path = join(this.#directory, "tmp", `${this.#prefix}-${this.#written}`);
    if (isPaged) {
      const { O_WRONLY, O_CREAT, O_TRUNC } = constants;
      try {
        return await this.#write(path, bytes, O_WRONLY | O_CREAT | O_TRUNC | this.#directFlag);
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#directFlag = 0;
      }
    }
    return await this.#write(path, bytes, "w");
  }

  async #write(path: string, bytes: Uint8Array, flags: string | number): Promise<WrittenFile> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, flags, 0o600);
      await writeAll(handle, bytes);
    } catch (error) {
      await handle?.close().catch(() => {});
      await this.discard(path);
      throw toStorageError(error, "A chunk could not be written");
    }
    return { path, synced: syncAndClose(handle) };
  }

  /** Gives a durable file its final name; durable itself only after {@link syncNames}. */
  async publish(path: string, digest: string): Promise<string> {
    const target = this.path(digest);
    const shard = dirname(target);
    if (!this.#shards.has(shard)) await mkdir(shard, { recursive: true, mode: 0o700 });
    await rename(path, target);
    return target;
  }

  /** Makes the names that {@link publish} gave durable, and those of the folders that are new. */
  async syncNames(digests: Iterable<string>): Promise<void> {
    const shards = new Set([...digests].map((digest) => dirname(this.path(digest))));
    const fresh = [...shards].filter((shard) => !this.#shards.has(shard));
    // All at once: a file system writes what is asked for together together.
    const folders = fresh.length === 0 ? [...shards] : [...shards, join(this.#directory, "chunks")];
    await Promise.all(folders.map((folder) => syncDirectory(folder)));
    for (const shard of fresh) this.#shards.add(shard);
  }

  /** Removes a file if it is there; a failure leaves an orphan, which the next start removes. */
  async discard(path: string): Promise<void> {
    await unlink(path).catch(() => {});
  }

  /**
   * The bytes of a file when they have this length and digest. The length is looked at first, so that no more is read
   * than was stored.
   * @param into - used for the bytes when they fit
   * @returns `undefined` when there is no such file, `damaged` when it is not what it should be
   * @throws GgenError `storage.failed` when the disk refuses
   */
  async read(
    path: string,
    digest: string,
    length: number,
    into?: Uint8Array,
  ): Promise<Uint8Array | "damaged" | undefined> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, "r");
      if ((await handle.stat()).size !== length) return "damaged";
      const fits = into !== undefined && into.byteLength >= length;
      const bytes = fits ? into.subarray(0, length) : Buffer.allocUnsafeSlow(length);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, filled);
        if (bytesRead === 0) return "damaged";
        filled += bytesRead;
      }
      return hash("sha256", bytes, "hex") === digest ? bytes : "damaged";
    } catch (error) {
      if (isSystemError(error, "ENOENT")) return undefined;
      // A sector that cannot be read, or a folder where a file should be, is damage too.
      if (isSystemError(error, "EIO") || isSystemError(error, "EISDIR")) return "damaged";
      throw toStorageError(error, "A chunk could not be read");
    } finally {
      await handle?.close();
    }
  }

  /** Bytes of the file of a digest; undefined when it is not there. */
  async size(digest: string): Promise<number | undefined> {
    const found = await stat(this.path(digest)).catch(() => undefined);
    return found?.isFile() === true ? found.size : undefined;
  }

  /** Moves a damaged file out of the way, or removes it when it cannot be moved. */
  async quarantine(path: string, digest: string): Promise<void> {
    const folder = join(this.#directory, "quarantine");
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const kept = (await readdir(folder)).sort((a, b) => turnOf(a) - turnOf(b));
      await rename(path, join(folder, `${digest}.${Math.max(0, ...kept.map((name) => turnOf(name))) + 1}`));
      for (const name of kept.slice(0, 1 - maxQuarantined)) {
        await rm(join(folder, name), { recursive: true });
      }
    } catch {
      await rm(path, { recursive: true }).catch(() => {});
    }
  }

  /**
   * The files that are here; anything else in the folders is passed over.
   *
   * @yields digests, in no order
   */
  async *list(): AsyncGenerator<string> {
    const chunks = join(this.#directory, "chunks");
    for (const shard of await readdir(chunks)) {
      const names = await readdir(join(chunks, shard)).catch(() => []);
      yield* names.filter((name) => isDigest(name) && name.startsWith(shard));
    }
  }
}
