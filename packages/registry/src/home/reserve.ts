import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { GgenError, isGgenError } from "@ggen/p2p-types";

/** What the databases need to be opened, several times over: SQLite makes a file of 32 KiB beside each. */
const reserveBytes = 256 * 1024;
/** What is left free for others when the reserve is set aside. */
const spareBytes = 64 * 1024;

const reserveFile = (home: string): string => join(home, "reserve");

function freeBytes(home: string): number {
  const { bavail, bsize } = statfsSync(home);
  return bavail * bsize;
}

/**
 * Sets some of the disk aside while there is room, for {@link withReserve}.
 * @param home - absolute path
 * @param bytes - gives bytes that no file system can compress
 */
export function keepReserve(home: string, bytes: (length: number) => Uint8Array): void {
  try {
    // After a power cut there may be a name without bytes.
    const size = statSync(reserveFile(home), { throwIfNoEntry: false })?.size ?? 0;
    if (size >= reserveBytes || freeBytes(home) < reserveBytes + spareBytes) return;
    writeFileSync(reserveFile(home), bytes(reserveBytes), { mode: 0o600 });
  } catch {
    // Only a precaution: without it a start on a full disk is refused.
    rmSync(reserveFile(home), { force: true });
  }
}

/**
 * Opens something in a home, on a full disk with the room that was set aside.
 * @throws GgenError what `open` throws; `storage.full` in place of any other failure of a disk without room
 */
export async function withReserve<Opened>(home: string, open: () => Opened | Promise<Opened>): Promise<Opened> {
  for (;;) {
    try {
      return await open();
    } catch (error) {
      const failed = isGgenError(error, "storage.full") || isGgenError(error, "storage.failed");
      // A database that has no room for the file beside it only says that the disk failed.
      if (!failed || freeBytes(home) >= reserveBytes) throw error;
      if (!existsSync(reserveFile(home))) throw storageFull(home, error);
      rmSync(reserveFile(home));
    }
  }
}

function storageFull(home: string, cause: GgenError): GgenError {
  if (cause.code === "storage.full") return cause;
  return new GgenError("storage.full", `There is no room on the disk of ${home}: ${cause.message}`, { cause });
}
