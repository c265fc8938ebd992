import { constants } from "node:fs";
import { mkdir, open, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

import type { GgenError } from "@ggen/p2p-types";

import { storageError, systemCode } from "./fs-errors.ts";
import { processTag } from "./process-tag.ts";

/** Flags that make a new regular file and nothing else: they fail on whatever is there already, links included. */
export const createFlags: number = constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_NOFOLLOW;

/** Makes the entries of a folder (new names, renames) durable. A file system that cannot is left as it is. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a folder with those above it that are missing; the names of all of them are durable then, except in a folder
 * that this user may write and not read.
 * @param path - absolute
 * @param mode - of the folders that are made, narrowed by the umask
 * @throws the system's error
 */
export async function makeFolders(path: string, mode = 0o755): Promise<void> {
  const first = await makeMissing(path, mode);
  if (first === undefined) return;
  const above = dirname(first);
  for (let parent = dirname(path); parent.length >= above.length; parent = dirname(parent)) {
    await syncDirectory(parent).catch((error: unknown) => {
      if (systemCode(error) !== "EACCES") throw error;
    });
    if (parent === dirname(parent)) return;
  }
}

/**
 * Makes what is missing of a path. Node's own recursive `mkdir` never ends where a file system that has the folder above
 * says that it is not there, as /proc does.
 * @returns the uppermost folder that was made
 */
async function makeMissing(path: string, mode: number): Promise<string | undefined> {
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    if (await isFolder(path)) return undefined;
    if (systemCode(error) !== "ENOENT" || path === dirname(path)) throw error;
  }
  const above = await makeMissing(dirname(path), mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Somebody else may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  }
  return above ?? path;
}

async function isFolder(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isDirectory() === true;
}

/** Writes a file that does not exist yet; its bytes are durable then, its name when the folder is synced. */
export async function writeNewFile(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const handle = await open(path, createFlags, mode);
  try {
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** A file that is written and durable beside the place where it will be. */
export interface StagedFile extends AsyncDisposable {
  /** Puts it in its place in one step, durably. @throws GgenError `storage.full`, `storage.failed` */
  commit(): Promise<void>;
}

/**
 * Writes a file beside its place, so that a reader sees the old bytes or the new ones, also after a power cut. Removed when
 * it is disposed of without a commit.
 * @param path - in a folder that exists
 * @throws GgenError `storage.full`, `storage.failed`
 */
export async function stageFile(path: string, bytes: Uint8Array | string): Promise<StagedFile> {
  const temporary = `${path}.${processTag()}.tmp`;
  const failed = (error: unknown): GgenError => storageError(error, `${path} could not be written`);
  let committed = false;
  const discard = async (): Promise<void> => {
    if (!committed) await rm(temporary, { force: true });
  };
  try {
    await writeNewFile(temporary, bytes);
    // Its name too: after a power cut it must tell what was being done.
    await syncDirectory(dirname(path));
  } catch (error) {
    await discard();
    throw failed(error);
  }
  return {
    async commit() {
      try {
        await rename(temporary, path);
        committed = true;
        await syncDirectory(dirname(path));
      } catch (error) {
        throw failed(error);
      }
    },
    [Symbol.asyncDispose]: discard,
  };
}
