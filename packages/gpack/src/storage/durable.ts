import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

import { storageError } from "./fs-errors.ts";

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

/** Bytes that no other process will choose for a name beside ours. */
export function uniqueSuffix(): string {
  return randomBytes(4).toString("hex");
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

/**
 * Writes a file in one step: a reader sees the old bytes or the new ones, also after a power cut.
 * @param path - in a folder that exists
 * @throws GgenError `storage.full`, `storage.failed`
 */
export async function writeFileDurably(path: string, bytes: Uint8Array | string, mode = 0o644): Promise<void> {
  const temporary = `${path}.${uniqueSuffix()}.tmp`;
  try {
    await writeNewFile(temporary, bytes, mode);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw storageError(error, `${path} could not be written`);
  }
}
