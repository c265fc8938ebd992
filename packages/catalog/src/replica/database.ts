import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";

import { GgenError, isGgenError } from "@ggen/p2p-types";

import { firstSchema, migrations } from "./schema.ts";

const newestSchema = firstSchema + migrations.length - 1;
/** Pages that are kept at hand, and those that are written before they are put in their places: of 4 KiB each. */
const cacheKilobytes = 16_384;
const pagesPerCheckpoint = 4096;

const sqliteReadOnly = 8;
const sqliteCorrupt = 11;
const sqliteFull = 13;
const sqliteCannotOpen = 14;
const sqliteNotADatabase = 26;

/** The catalogue's database, and whether anything may be written to it. */
export interface OpenDatabase {
  readonly db: DatabaseSync;
  /** True when there is no file: an empty database in memory stands in. */
  readonly absent: boolean;
}

/**
 * Opens the database for writing and brings it to the newest schema.
 * @throws GgenError `storage.newer`, `storage.older`, `storage.corrupt`, `storage.full`, `storage.failed`
 */
export function openForWriting(path: string): OpenDatabase {
  return guarded(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const db = new DatabaseSync(path, { timeout: 5000 });
    try {
      refuseOther(db, path);
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA cache_size = -${cacheKilobytes}; PRAGMA wal_autocheckpoint = ${pagesPerCheckpoint};`);
      migrate(db);
    } catch (error) {
      db.close();
      throw error;
    }
    return { db, absent: false };
  });
}

/**
 * Opens the database without writing anything; another process may write to it meanwhile.
 * @throws GgenError `storage.newer`, `storage.older`, `storage.corrupt`, `storage.failed`
 */
export function openForReading(path: string): OpenDatabase {
  if (!existsSync(path)) return emptyDatabase();
  return guarded(path, () => {
    const db = openReadOnly(path);
    try {
      refuseOther(db, path);
      if (userVersion(db) < newestSchema) {
        db.close();
        return emptyDatabase();
      }
    } catch (error) {
      if (db.isOpen) db.close();
      throw error;
    }
    return { db, absent: false };
  });
}

/** A read-only connection to an existing file. */
export function openReadOnly(path: string): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    userVersion(db);
    return db;
  } catch (error) {
    db.close();
    const code = errorNumber(error);
    if (code !== sqliteCannotOpen && code !== sqliteReadOnly) throw error;
    // On a medium that cannot be written there is no shared-memory file, and nobody else writes either.
    return new DatabaseSync(new URL(`${pathToFileURL(path).href}?immutable=1`), { readOnly: true });
  }
}

function emptyDatabase(): OpenDatabase {
  const db = new DatabaseSync(":memory:");
  migrate(db);
  return { db, absent: true };
}

function userVersion(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}

function refuseOther(db: DatabaseSync, path: string): void {
  const version = userVersion(db);
  if (version > 0 && version < firstSchema) {
    throw new GgenError("storage.older", `The catalogue ${path} was written by a ggen from before the first release`, {
      expected: `schema ${firstSchema} or newer`,
      got: `schema ${version}`,
      hint: `Move it away: mv ${path} ${path}.old — the node fetches the catalogue from its peers again.`,
    });
  }
  if (version <= newestSchema) return;
  throw new GgenError("storage.newer", `The catalogue ${path} was written by a newer ggen`, {
    expected: `schema ${newestSchema} or older`,
    got: `schema ${version}`,
  });
}

function migrate(db: DatabaseSync): void {
  for (const [version, migration] of migrations.entries()) {
    const schema = firstSchema + version;
    if (schema <= userVersion(db)) continue;
    inTransaction(db, () => db.exec(`${migration}; PRAGMA user_version = ${schema};`));
  }
}

/** Runs a function in a transaction: all that it writes is durable when this returns, or nothing is. */
export function inTransaction<T>(db: DatabaseSync, run: () => T): T {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = run();
    db.exec("COMMIT");
    return result;
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/** Runs a function and names errors of SQLite and of the file system in the family's codes; others pass. */
export function guarded<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw named(path, error);
  }
}

/** As {@link guarded}, for what gives others their turn in between. */
export async function guardedInTurns<T>(path: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw named(path, error);
  }
}

/** An error of SQLite or of the file system in the family's codes; another as it is. */
function named(path: string, error: unknown): unknown {
  if (isGgenError(error) || !(error instanceof Error && "code" in error)) return error;
  if (error.code === "ERR_INVALID_STATE" && /\bnot open\b|\bfinalized\b/.test(error.message)) {
    return new GgenError("storage.failed", `The catalogue ${path} was closed`, {
      hint: "Open it again.",
      data: { path },
      cause: error,
    });
  }
  return toStorageError(path, error.message, errorNumber(error), error);
}

/**
 * A failure of SQLite in the family's codes.
 * @param path - the database's
 * @param message - SQLite's
 * @param code - its primary result code; undefined for a failure of another kind
 */
export function toStorageError(path: string, message: string, code: number | undefined, cause?: unknown): GgenError {
  const details = { data: { path }, ...(cause === undefined ? {} : { cause }) };
  switch (code) {
    case sqliteCorrupt:
    case sqliteNotADatabase:
      return new GgenError("storage.corrupt", `The catalogue ${path} is damaged`, {
        ...details,
        hint: "Start the node: it sets the file aside and fetches the catalogue from its peers again.",
      });
    case sqliteFull:
      return new GgenError("storage.full", `There is no room for the catalogue ${path}`, details);
    default:
      return new GgenError("storage.failed", `The catalogue ${path} cannot be used: ${message}`, details);
  }
}

/** SQLite's primary result code of an error. */
export function errorNumber(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  // The low byte is the primary code, the others say more about it.
  return typeof code === "number" ? code & 0xff : undefined;
}
