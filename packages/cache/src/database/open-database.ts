import { existsSync, renameSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import { type Clock, GgenError, isGgenError, type Logger } from "@ggen/p2p-types";

import { isSpoiltDatabase, toStorageError } from "../storage-error.ts";
import { migrations } from "./schema.ts";

const busyTimeoutMs = 5000;

/** What {@link openDatabase} needs. */
export interface DatabaseOptions {
  readonly path: string;
  readonly readOnly: boolean;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told where a damaged database was moved. */
  readonly onSetAside?: (path: string) => void;
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function checkSound(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version > migrations.length) {
    throw new GgenError("storage.newer", "The content store was written by a newer ggen", {
      expected: `schema ${migrations.length} or older`,
      got: `schema ${version}`,
    });
  }
  const verdict = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (verdict !== "ok") throw new GgenError("storage.corrupt", "The content store's database is damaged");
}

function migrate(db: DatabaseSync): void {
  for (let version = versionOf(db); version < migrations.length; version += 1) {
    db.exec(`BEGIN IMMEDIATE; ${migrations[version]} PRAGMA user_version = ${version + 1}; COMMIT`);
  }
}

function openWritable(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    checkSound(db);
    db.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    migrate(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function hasJournal(path: string): boolean {
  return (statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0;
}

function openReadOnly(path: string): DatabaseSync {
  const empty = (): DatabaseSync => {
    const db = new DatabaseSync(":memory:");
    migrate(db);
    return db;
  };
  if (!existsSync(path)) return empty();
  const attempt = (location: string | URL): DatabaseSync => {
    const db = new DatabaseSync(location, { timeout: busyTimeoutMs, readOnly: true });
    try {
      checkSound(db);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  };
  let db: DatabaseSync;
  try {
    db = attempt(path);
  } catch (error) {
    // What is only in the journal would be missing, and half of what is on its way from there would look like damage.
    if (isGgenError(error) || isSpoiltDatabase(error) || hasJournal(path)) throw error;
    // On a medium that cannot be written SQLite cannot coordinate with a writer, and there is none.
    const url = pathToFileURL(path);
    url.searchParams.set("immutable", "1");
    db = attempt(url);
  }
  if (versionOf(db) === migrations.length) return db;
  db.close();
  return empty();
}

/**
 * Opens the store's database. A spoilt one is moved aside, with a warning, and an empty one takes its place; a newer one is
 * left as it is.
 * @throws GgenError `storage.newer`, `storage.full`, `storage.failed`, and `storage.corrupt` when `readOnly`
 */
export function openDatabase(options: DatabaseOptions): DatabaseSync {
  const { path, readOnly, clock, logger } = options;
  const doing = "The content store's database could not be opened";
  try {
    return readOnly ? openReadOnly(path) : openWritable(path);
  } catch (error) {
    const spoilt = isGgenError(error, "storage.corrupt") || isSpoiltDatabase(error);
    if (!spoilt || readOnly) throw toStorageError(error, doing);
    try {
      const aside = `${path}.damaged-${clock.now()}`;
      for (const suffix of ["", "-wal", "-shm"]) {
        if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
      }
      logger.log("warn", "The content store's database was damaged; it was set aside", { aside });
      options.onSetAside?.(aside);
      return openWritable(path);
    } catch (failure) {
      throw toStorageError(failure, doing);
    }
  }
}
