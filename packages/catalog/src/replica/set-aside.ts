import { existsSync, renameSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";

import { type Clock, isGgenError, type Logger } from "@ggen/p2p-types";

import { guarded, type OpenDatabase, openForWriting } from "./database.ts";

/** A database that is open, and where the damaged one went whose place it took. */
export interface SoundDatabase extends OpenDatabase {
  readonly setAside?: string;
}

/** Where {@link markDamaged} leaves its word. */
const damagedKey = "damaged";

/**
 * Opens the database for writing. A damaged one is moved aside, never deleted, and an empty one takes its place.
 * @throws GgenError `storage.newer`, `storage.full`, `storage.failed`
 */
export function openSound(path: string, clock: Clock, logger: Logger): SoundDatabase {
  try {
    const opened = openForWriting(path);
    if (isSound(opened.db, path)) return opened;
    opened.db.close();
  } catch (error) {
    if (!isGgenError(error, "storage.corrupt")) throw error;
  }
  const setAside = `${path}.damaged-${clock.now()}`;
  guarded(path, () => {
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(path + suffix)) renameSync(path + suffix, setAside + suffix);
    }
  });
  logger.log("warn", "The catalogue was damaged; it was set aside", { setAside });
  return { ...openForWriting(path), setAside };
}

/** Whether the file is whole, and nothing in it was found to be other than it was written. */
function isSound(db: DatabaseSync, path: string): boolean {
  try {
    return guarded(path, () => {
      const verdict = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
      return verdict === "ok" && db.prepare("SELECT 1 FROM meta WHERE key = ?").get(damagedKey) === undefined;
    });
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Has the database set aside when it is opened next: SQLite's own check does not see a changed bit in a value. */
export function markDamaged(db: DatabaseSync): void {
  db.prepare("INSERT OR REPLACE INTO meta VALUES (?, '1')").run(damagedKey);
}
