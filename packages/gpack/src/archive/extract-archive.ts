import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";

import type { PackedFile } from "@ggen/p2p-types";

import { syncDirectory } from "../storage/durable.ts";
import { storageError } from "../storage/fs-errors.ts";
import { readArchive } from "./read-archive.ts";
import { createFileWriter, type FileWriter } from "./write-file.ts";

/** A file that was written, with the digest of its bytes. */
export interface ExtractedFile extends PackedFile {
  /** sha2-256, 64 hexadecimal digits. */
  readonly sha256: string;
}

/** How many files may be waiting for the disk at once: one by one, each would cost the disk's latency. */
const maxPending = 16;

/** What an extraction may be given. */
export interface ExtractArchiveOptions {
  readonly signal?: AbortSignal;
  /** Told of the content bytes written so far. */
  readonly onBytes?: (written: number) => void;
}

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
  options: ExtractArchiveOptions = {},
): Promise<readonly ExtractedFile[]> {
  await mkdir(directory, 0o700).catch((error: unknown) => {
    throw storageError(error, `${directory} could not be created`);
  });
  const pending = new Set<Promise<void>>();
  try {
    const files = await writeFiles(source, directory, options, pending);
    return files;
  } catch (error) {
    await Promise.allSettled(pending);
    await rm(directory, { recursive: true, force: true });
    throw storageError(error, `${directory} could not be written`);
  }
}

async function writeFiles(
  source: AsyncIterable<Uint8Array>,
  root: string,
  { signal, onBytes }: ExtractArchiveOptions,
  pending: Set<Promise<void>>,
): Promise<readonly ExtractedFile[]> {
  const files: ExtractedFile[] = [];
  const directories = new Set<string>();
  let writer: FileWriter | undefined;
  let written = 0;
  try {
    for await (const event of readArchive(source, { ...(signal && { signal }) })) {
      if (event.kind === "file") {
        await makeParents(root, event.file.path, directories);
        writer = await createFileWriter(join(root, event.file.path), event.file);
      } else if (event.kind === "data") {
        await writer?.write(event.bytes);
        written += event.bytes.byteLength;
        onBytes?.(written);
      } else if (writer !== undefined) {
        if (pending.size >= maxPending) await Promise.race(pending);
        const { sha256, settle } = writer.end();
        writer = undefined;
        files.push({ ...event.file, sha256 });
        track(pending, settle());
      }
    }
    await Promise.all(pending);
    await chmod(root, 0o755);
    await syncFolders([root, ...[...directories].map((path) => join(root, path))]);
    return files;
  } finally {
    await writer?.abort();
  }
}

/** In any order, for nothing names the tree yet; several at once, which a file system writes together. */
async function syncFolders(paths: readonly string[]): Promise<void> {
  for (let at = 0; at < paths.length; at += maxPending) {
    await Promise.all(paths.slice(at, at + maxPending).map((path) => syncDirectory(path)));
  }
}

/** Keeps a promise in the set until it is fulfilled; one that fails stays, for whoever awaits the set. */
function track(pending: Set<Promise<void>>, promise: Promise<void>): void {
  pending.add(promise);
  promise.then(
    () => pending.delete(promise),
    () => undefined,
  );
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
