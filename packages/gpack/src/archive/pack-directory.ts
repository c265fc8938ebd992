import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";

import { checkAborted, systemCode } from "../storage/fs-errors.ts";
import { readIgnoreRules } from "./ignore-rules.ts";
import {
  changedFile,
  layOutArchive,
  type PackContent,
  type PackedArchive,
  type PackEntry,
  unsupportedEntry,
} from "./packed-archive.ts";
import { pathProblem } from "./path-rules.ts";
import { isScript } from "./read-archive.ts";
import { type FoundFile, unreadable, walkDirectory } from "./walk-directory.ts";

/** How a folder is packed. */
export interface PackDirectoryOptions {
  /** Largest archive in bytes. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

/**
 * The archive of a folder. Depends on the names and bytes of its files and on nothing else: not on modes, times, owners,
 * locale or the order of the file system. Files are opened again while the archive is read, and must not have changed.
 * @param directory - the package's folder; may itself be reached through a link, nothing inside may be one
 * @throws GgenError `archive.unreadable`, `archive.unsupported-entry`, `archive.too-large`, `archive.changed`, `aborted`
 */
export async function packDirectory(directory: string, options: PackDirectoryOptions): Promise<PackedArchive> {
  const root = await realpath(directory).catch((error: unknown) => {
    throw unreadable(directory, error);
  });
  const rules = await readIgnoreRules(root);
  const found = await walkDirectory(root, rules, options.maxBytes, options.signal);
  const entries: PackEntry[] = [];
  for (const file of found) {
    checkAborted(options.signal);
    const problem = pathProblem(file.path);
    if (problem !== undefined) throw unsupportedEntry(file.path, problem);
    entries.push(await fileEntry(file));
  }
  return layOutArchive(entries, options.maxBytes);
}

async function fileEntry({ path, absolute }: FoundFile): Promise<PackEntry> {
  const handle = await openFile(path, absolute);
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile()) throw changedFile(path, "something else than a regular file");
    const first = new Uint8Array(2);
    const { bytesRead } = await handle.read(first, 0, 2, 0).catch((error: unknown) => {
      throw unreadable(path, error);
    });
    const executable = isScript(first.subarray(0, bytesRead));
    return {
      file: { path, size: Number(before.size), executable },
      open: () => openContent(path, absolute, before),
    };
  } finally {
    await handle.close();
  }
}

// Without O_NONBLOCK a pipe put in the file's place would block for ever.
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function openFile(path: string, absolute: string): Promise<FileHandle> {
  return open(absolute, readFlags).catch((error: unknown) => {
    if (systemCode(error) === "ELOOP") throw unsupportedEntry(path, "a symbolic link");
    if (systemCode(error) === "ENOENT") throw changedFile(path, "no file");
    throw unreadable(path, error);
  });
}

async function openContent(path: string, absolute: string, before: BigIntStats): Promise<PackContent> {
  const handle = await openFile(path, absolute);
  const check = async (): Promise<void> => {
    const difference = differenceOf(before, await handle.stat({ bigint: true }));
    if (difference !== undefined) throw changedFile(path, difference);
  };
  let position = 0;
  try {
    await check();
  } catch (error) {
    await handle.close();
    throw error;
  }
  return {
    async read(target) {
      const { bytesRead } = await handle.read(target, 0, target.byteLength, position).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      position += bytesRead;
      return bytesRead;
    },
    finish: check,
    close: () => handle.close(),
  };
}

function differenceOf(before: BigIntStats, now: BigIntStats): string | undefined {
  if (before.size !== now.size) return `${now.size} bytes after ${before.size}`;
  if (before.ino !== now.ino || before.dev !== now.dev) return "another file of the same name";
  if (before.mode !== now.mode) return "another mode";
  if (before.mtimeNs !== now.mtimeNs || before.ctimeNs !== now.ctimeNs) return "a later time of change";
  return undefined;
}
