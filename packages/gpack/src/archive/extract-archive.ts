import { createHash } from "node:crypto";
import { type FileHandle, chmod, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";

import type { PackedFile } from "@ggen/p2p-types";

import { createFlags, syncDirectory } from "../storage/durable.ts";
import { storageError } from "../storage/fs-errors.ts";
import { readArchive } from "./read-archive.ts";

/** A file that was written, with the digest of its bytes. */
export interface ExtractedFile extends PackedFile {
  /** sha2-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** How many files may be waiting for the disk at once: syncing one by one would cost a disk's latency for each. */
const maxPendingSyncs = 16;

/**
 * The second pass: writes the files of an archive into a new folder, modes 0644 and 0755 whatever the umask, everything
 * synced. The archive is checked again while it is written; when anything fails, the folder is removed.
 * @param source - pieces of any size
 * @param directory - must not exist; its parent must, and be writable by this user only, so that nobody can put a link
 * into it meanwhile
 * @throws GgenError `archive.invalid`, `storage.full`, `storage.failed`, `aborted`, and what the source throws
 */
export async function extractArchive(
  source: AsyncIterable<Uint8Array>,
  directory: string,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (written: number) => void } = {},
): Promise<readonly ExtractedFile[]> {
  await mkdir(directory, 0o700).catch((error: unknown) => {
    throw storageError(error, `${directory} could not be created`);
  });
  const syncs = new Set<Promise<void>>();
  try {
    const files = await writeFiles(source, directory, options, syncs);
    await chmod(directory, 0o755);
    await syncDirectory(directory);
    return files;
  } catch (error) {
    await Promise.allSettled(syncs);
    await rm(directory, { recursive: true, force: true });
    throw storageError(error, `${directory} could not be written`);
  }
}

async function writeFiles(
  source: AsyncIterable<Uint8Array>,
  root: string,
  options: { readonly signal?: AbortSignal; readonly onBytes?: (written: number) => void },
  syncs: Set<Promise<void>>,
): Promise<readonly ExtractedFile[]> {
  const files: ExtractedFile[] = [];
  const directories = new Set<string>();
  let handle: FileHandle | undefined;
  let hash = createHash("sha256");
  let written = 0;
  try {
    for await (const event of readArchive(source, { ...(options.signal && { signal: options.signal }) })) {
      if (event.kind === "file") {
        await makeParents(root, event.file.path, directories);
        handle = await open(join(root, event.file.path), createFlags, 0o600);
        hash = createHash("sha256");
      } else if (event.kind === "data") {
        await handle?.writeFile(event.bytes);
        hash.update(event.bytes);
        written += event.bytes.byteLength;
        options.onBytes?.(written);
      } else if (handle !== undefined) {
        files.push({ ...event.file, sha256: hash.digest("hex") });
        if (syncs.size >= maxPendingSyncs) await Promise.race(syncs);
        const sync = finishFile(handle, event.file.executable);
        handle = undefined;
        syncs.add(sync);
        // A failure is seen where all are awaited; the handler here only keeps it from counting as unhandled.
        sync.then(
          () => syncs.delete(sync),
          () => undefined,
        );
      }
    }
    await Promise.all(syncs);
    // Deepest first, so that a folder is durable before its name in the parent is.
    for (const path of [...directories].sort((a, b) => b.length - a.length)) await syncDirectory(join(root, path));
    return files;
  } finally {
    await handle?.close();
  }
}

async function finishFile(handle: FileHandle, executable: boolean): Promise<void> {
  try {
    await handle.chmod(executable ? 0o755 : 0o644);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function makeParents(root: string, path: string, made: Set<string>): Promise<void> {
  const missing: string[] = [];
  for (let at = path.lastIndexOf("/"); at !== -1; at = path.lastIndexOf("/", at - 1)) {
    const parent = path.slice(0, at);
    if (made.has(parent)) break;
    missing.push(parent);
  }
  for (const parent of missing.reverse()) {
    await mkdir(join(root, parent), 0o755);
    await chmod(join(root, parent), 0o755);
    made.add(parent);
  }
}
