import { existsSync, renameSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";

import { GgenError } from "@ggen/p2p-types";
import { NotFoundError } from "@libp2p/interface";
import { type Batch, type Datastore, Key, type KeyQuery, type Pair, type Query } from "interface-datastore";

/** A datastore over one SQLite table, for the peer store and the DHT. Losing its last second costs nothing. */
export interface SqliteDatastore extends Datastore {
  /** How many keys begin with a prefix. */
  count(prefix: string): number;
  close(): void;
}

const sqliteFull = 13;

const schema = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS entries (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
`;

/**
 * Opens a datastore. A damaged one is moved aside, and an empty one takes its place: peers are found again.
 * @param path - a file, made when absent; in memory when undefined
 * @param damaged - `name` of a damaged file from its path; told of each that was moved there
 * @throws GgenError `storage.full`, `storage.failed`
 */
export function openSqliteDatastore(
  path: string | undefined,
  damaged: { readonly name: (path: string) => string; readonly onMoved: (path: string) => void } = {
    name: (file) => `${file}.damaged`,
    onMoved: () => {},
  },
): SqliteDatastore {
  try {
    try {
      return new Entries(openSound(path ?? ":memory:"));
    } catch (error) {
      if (path === undefined || !isSpoilt(error)) throw error;
    }
    const aside = damaged.name(path);
    for (const suffix of ["", "-wal", "-shm"]) {
      if (existsSync(path + suffix)) renameSync(path + suffix, aside + suffix);
    }
    damaged.onMoved(aside);
    return new Entries(openSound(path));
  } catch (cause) {
    const full = sqliteCode(cause) === sqliteFull;
    throw new GgenError(full ? "storage.full" : "storage.failed", `Cannot open the peer database ${path}`, { cause });
  }
}

function openSound(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    if (database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"] !== "ok") throw new SpoiltError();
    database.exec(schema);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

class SpoiltError extends Error {
  override readonly name = "SpoiltError";
}

/** SQLite's primary result code of an error. */
function sqliteCode(error: unknown): number | undefined {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" ? code & 0xff : undefined;
}

/** Whether a file is no (sound) database: SQLITE_CORRUPT, SQLITE_NOTADB. */
function isSpoilt(error: unknown): boolean {
  return error instanceof SpoiltError || [11, 26].includes(sqliteCode(error) ?? 0);
}

/** On a full disk what is known about peers is not kept: that must neither cut a connection nor end the node. */
function unlessFull(write: () => unknown): void {
  try {
    write();
  } catch (error) {
    if (sqliteCode(error) !== sqliteFull) throw error;
  }
}

class Entries implements SqliteDatastore {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;
  readonly #range: StatementSync;
  readonly #count: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#get = database.prepare("SELECT value FROM entries WHERE key = ?");
    this.#put = database.prepare("INSERT INTO entries VALUES (?, ?) ON CONFLICT DO UPDATE SET value = excluded.value");
    this.#delete = database.prepare("DELETE FROM entries WHERE key = ?");
    this.#range = database.prepare("SELECT key, value FROM entries WHERE key >= ? AND key < ? ORDER BY key");
    this.#count = database.prepare("SELECT count(*) AS n FROM entries WHERE key >= ? AND key < ?");
  }

  put(key: Key, value: Uint8Array): Key {
    unlessFull(() => this.#put.run(key.toString(), value));
    return key;
  }

  get(key: Key): Uint8Array {
    const row = this.#get.get(key.toString());
    if (row === undefined) throw new NotFoundError(`no entry ${key.toString()}`);
    return row["value"] as Uint8Array;
  }

  has(key: Key): boolean {
    return this.#get.get(key.toString()) !== undefined;
  }

  delete(key: Key): void {
    unlessFull(() => this.#delete.run(key.toString()));
  }

  async *putMany(source: Iterable<Pair> | AsyncIterable<Pair>): AsyncGenerator<Key> {
    for await (const { key, value } of source) yield this.put(key, value);
  }

  async *getMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Pair> {
    for await (const key of source) yield { key, value: this.get(key) };
  }

  async *deleteMany(source: Iterable<Key> | AsyncIterable<Key>): AsyncGenerator<Key> {
    for await (const key of source) {
      this.delete(key);
      yield key;
    }
  }

  batch(): Batch {
    const steps: (() => unknown)[] = [];
    return {
      put: (key, value) => void steps.push(() => this.#put.run(key.toString(), value)),
      delete: (key) => void steps.push(() => this.#delete.run(key.toString())),
      commit: () =>
        unlessFull(() => {
          this.#database.exec("BEGIN IMMEDIATE");
          try {
            for (const step of steps) step();
            this.#database.exec("COMMIT");
          } catch (error) {
            // A full disk may have ended the transaction already.
            if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
            throw error;
          }
        }),
    };
  }

  *query(query: Query): Generator<Pair> {
    const { filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    // Read at once: an open cursor would see, and be disturbed by, what the consumer writes meanwhile.
    let pairs = this.#range
      .all(...bounds(query.prefix))
      .map((row) => ({ key: new Key(row["key"] as string, false), value: row["value"] as Uint8Array }))
      .filter((pair) => filters.every((accepts) => accepts(pair)));
    for (const order of orders) pairs = pairs.toSorted(order);
    yield* pairs.slice(offset, offset + limit);
  }

  *queryKeys(query: KeyQuery): Generator<Key> {
    const { filters = [], orders = [], offset = 0, limit = Number.POSITIVE_INFINITY } = query;
    let keys = this.#range
      .all(...bounds(query.prefix))
      .map((row) => new Key(row["key"] as string, false))
      .filter((key) => filters.every((accepts) => accepts(key)));
    for (const order of orders) keys = keys.toSorted(order);
    yield* keys.slice(offset, offset + limit);
  }

  count(prefix: string): number {
    return Number(this.#count.get(...bounds(prefix))?.["n"] ?? 0);
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }
}

function bounds(prefix = ""): [string, string] {
  return [prefix, `${prefix}\u{10ffff}`];
}
