import { GgenError } from "@ggen/p2p-types";

import { decodeText, tooLong } from "../manifest/toml.ts";
import { type BoundedRead, readBounded } from "../storage/bounded-read.ts";
import { stageFile } from "../storage/durable.ts";
import { systemCode } from "../storage/fs-errors.ts";
import { formatLockfile, type Lockfile, maxLockfileBytes, parseLockfile } from "./lockfile.ts";

/**
 * Reads a lockfile.
 * @param path - absolute
 * @returns undefined when there is none
 * @throws GgenError `lockfile.invalid`
 */
export async function readLockfile(path: string): Promise<Lockfile | undefined> {
  const read = await open(path);
  if (read === undefined) return undefined;
  if (read.kind === "too-large") throw tooLong(path, "lockfile.invalid", maxLockfileBytes);
  if (read.kind === "not-a-file") throw refusal(path, "not a regular file");
  return parseLockfile(decodeText(read.bytes, path, "lockfile.invalid"), path);
}

/**
 * Writes a lockfile in one step, durably.
 * @param path - absolute, in a folder that exists
 * @throws GgenError `lockfile.invalid`, `storage.full`, `storage.failed`
 */
export async function writeLockfile(path: string, lock: Lockfile): Promise<void> {
  await using file = await stageFile(path, formatLockfile(lock));
  await file.commit();
}

async function open(path: string): Promise<BoundedRead | undefined> {
  try {
    return await readBounded(path, maxLockfileBytes);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return undefined;
    throw refusal(
      path,
      systemCode(error) === "ELOOP" ? "a symbolic link" : (systemCode(error) ?? String(error)),
      error,
    );
  }
}

function refusal(path: string, got: string, cause?: unknown): GgenError {
  return new GgenError("lockfile.invalid", `${path} cannot be read`, {
    expected: "a regular file",
    got,
    data: { file: path },
    ...(cause !== undefined && { cause }),
  });
}
