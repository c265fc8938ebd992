import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { GgenError, isGgenError, systemReason } from "@ggen/p2p-types";

import { diskError, isFullDisk } from "./disk-error.ts";

/** Who holds a home. */
export interface LockHolder {
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly since: number;
}

/** A held lock. */
export interface HomeLock {
  release(): void;
}

/** A database that nobody refers to is closed by the garbage collector, and its lock is gone with it. */
const heldDatabases = new Set<DatabaseSync>();

const holderFile = (home: string): string => join(home, "lock.json");

/**
 * Takes a home for this process. The lock is SQLite's exclusive file lock, which the kernel drops with its process: after
 * a kill -9 or a power cut there is no stale lock to recover. `lock.json` beside it only says who, for messages.
 * @param home - an existing folder
 * @param since - milliseconds since 1970, for {@link LockHolder}
 * @throws GgenError `home.locked` naming the holder, `home.unwritable`, `storage.full` where the lock was never made
 */
export function lockHome(home: string, since: number): HomeLock {
  const path = join(home, "lock.db");
  let database: DatabaseSync;
  try {
    makeFile(path);
    database = new DatabaseSync(path);
  } catch (cause) {
    if (isGgenError(cause)) throw cause;
    throw unwritable(home, cause);
  }
  try {
    // Nothing is ever written to it. Without a journal on the disk the lock needs no room, so that a node starts on a full disk, too.
    database.exec(
      "PRAGMA journal_mode = MEMORY; PRAGMA locking_mode = EXCLUSIVE; PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE",
    );
  } catch (cause) {
    database.close();
    if (!/locked|busy/i.test((cause as Error).message)) throw unwritable(home, cause);
    const holder = readLockHolder(home);
    throw new GgenError(
      "home.locked",
      `${home} is in use by ${holder === undefined ? "another process" : `process ${holder.pid}`}`,
      { data: { home, ...(holder === undefined ? {} : { pid: holder.pid }) }, cause },
    );
  }
  try {
    writeFileSync(holderFile(home), JSON.stringify({ pid: process.pid, since } satisfies LockHolder), { mode: 0o600 });
  } catch (cause) {
    // On a full disk nobody learns who holds it; that it is held is told by the lock.
    if (!isFullDisk(cause)) {
      database.close();
      throw unwritable(home, cause);
    }
  }
  heldDatabases.add(database);
  return {
    release() {
      heldDatabases.delete(database);
      rmSync(holderFile(home), { force: true });
      database.close();
    },
  };
}

/** SQLite does not say that it cannot make a file for want of room. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o644));
  } catch (cause) {
    if (isFullDisk(cause)) throw diskError(`${path} could not be made`, cause);
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw cause;
  }
}

/** Who last took the home; undefined when nobody said. Not proof that it is still held. */
export function readLockHolder(home: string): LockHolder | undefined {
  try {
    const holder = JSON.parse(readFileSync(holderFile(home), "utf8")) as Partial<LockHolder>;
    return typeof holder.pid === "number" && typeof holder.since === "number"
      ? { pid: holder.pid, since: holder.since }
      : undefined;
  } catch {
    return undefined;
  }
}

function unwritable(home: string, cause: unknown): GgenError {
  return new GgenError("home.unwritable", `${home} cannot be written`, {
    expected: "a folder that this user may write",
    got: systemReason(cause),
    cause,
  });
}
