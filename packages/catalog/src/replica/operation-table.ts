import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

import {
  equalBytes,
  fromHex,
  type OperationId,
  type OperationSource,
  type PublisherId,
  sha256,
  type SignedOperation,
  toHex,
} from "@ggen/p2p-types";

import { createReconcileIndex, type MutableReconcileIndex } from "../reconcile/reconcile-index.ts";
import { publisherOf } from "../rules/operation-set.ts";
import type { FirstSeen } from "./catalog.ts";
import { maxWaiting, maxWaitingOfPublisher } from "./limits.ts";
import type { NameTable } from "./name-table.ts";
import { fromStored, toStored } from "../stored/stored-envelope.ts";
import { SignerTable } from "./signer-table.ts";
import { operationInRow } from "./verify-records.ts";

/** Where some envelopes came from. */
export interface Origin {
  readonly via: OperationSource;
  readonly peer?: string;
  /** Milliseconds since 1970 when they came, where that was before now. */
  readonly firstSeenMs?: number;
  /** Whether the user asked for them: they come in also where strangers have no room. */
  readonly asked?: boolean;
}

/** The numbers of publishers, of packages, and of categories, licenses and tags; the latter in lower case. */
export interface Names {
  readonly publishers: NameTable;
  readonly packages: NameTable;
  readonly terms: NameTable;
}

/** The condition that an operation has the id that is the first parameter: a part of it is in the index. */
export const hasId = "substr(id, 1, 8) = substr(?1, 1, 8) AND id = ?1";

/** How a stored envelope is read: see `fromStored`. */
const stored = "e.envelope, e.checksum, s.context";
const storedBeside = "JOIN envelopes e ON e.operation = o.operation LEFT JOIN signers s ON s.signer = e.signer";

type Row = Record<string, SQLOutputValue>;

/** Sources that are kept at hand. */
const maxSources = 1000;

/** The tables of operations: those admitted, and those that wait for their parents. */
export class OperationTable {
  readonly #statements: Record<
    | "has"
    | "envelope"
    | "ofPublisher"
    | "waitingOfPublisher"
    | "idsOfPublisher"
    | "idsOfPackage"
    | "insert"
    | "insertEnvelope"
    | "source"
    | "insertSource"
    | "replace"
    | "wait"
    | "isWaiting"
    | "someWaiting"
    | "stopWaiting"
    | "trimPublisher"
    | "trimAll"
    | "countWaiting"
    | "firstSeen",
    StatementSync
  >;
  readonly #db: DatabaseSync;
  readonly #names: Names;
  readonly #sources = new Map<string, number>();
  readonly #signers: SignerTable;
  #lastSource: { readonly origin: Origin; readonly source: number } | undefined;
  readonly #onDamaged: (id: OperationId) => void;

  /** @param onDamaged - told of an operation that is not the one of its id any more; it counts as not here */
  constructor(db: DatabaseSync, names: Names, onDamaged: (id: OperationId) => void) {
    this.#db = db;
    this.#names = names;
    this.#onDamaged = onDamaged;
    this.#signers = new SignerTable(db);
    this.#statements = {
      has: db.prepare(`SELECT 1 FROM operations WHERE ${hasId}`),
      envelope: db.prepare(`SELECT ${stored} FROM operations o ${storedBeside} WHERE ${hasId}`),
      ofPublisher: db.prepare(`SELECT o.id, ${stored} FROM operations o ${storedBeside} WHERE o.publisher = ?`),
      waitingOfPublisher: db.prepare("SELECT id, envelope, digest FROM waiting WHERE publisher = ?"),
      idsOfPublisher: db.prepare("SELECT id FROM operations WHERE publisher = ? ORDER BY time, id LIMIT ?"),
      idsOfPackage: db.prepare("SELECT id FROM operations WHERE package = ? ORDER BY time, id LIMIT ?"),
      insert: db.prepare(
        `INSERT INTO operations (id, time, publisher, is_genesis, package, first_seen, source, status, version)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      ),
      insertEnvelope: db.prepare("INSERT INTO envelopes VALUES (?, ?, ?, ?)"),
      replace: db.prepare(
        `UPDATE envelopes SET envelope = ?2, checksum = ?3, signer = NULL
         WHERE operation = (SELECT operation FROM operations WHERE ${hasId})`,
      ),
      source: db.prepare("SELECT source FROM sources WHERE via = ? AND peer = ?"),
      insertSource: db.prepare("INSERT INTO sources (via, peer) VALUES (?, ?)"),
      wait: db.prepare(
        `INSERT OR IGNORE INTO waiting (digest, id, publisher, envelope, first_seen, via, peer)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
      ),
      isWaiting: db.prepare("SELECT 1 FROM waiting WHERE digest = ?"),
      someWaiting: db.prepare("SELECT 1 FROM waiting LIMIT 1"),
      stopWaiting: db.prepare("DELETE FROM waiting WHERE publisher = ? AND id = ?"),
      trimPublisher: db.prepare(
        `DELETE FROM waiting WHERE publisher = ?1 AND arrival NOT IN
         (SELECT arrival FROM waiting WHERE publisher = ?1 ORDER BY arrival DESC LIMIT ${maxWaitingOfPublisher})`,
      ),
      trimAll: db.prepare(
        "DELETE FROM waiting WHERE arrival IN (SELECT arrival FROM waiting ORDER BY arrival LIMIT ?)",
      ),
      countWaiting: db.prepare("SELECT count(*) AS n FROM waiting"),
      firstSeen: db.prepare(
        `SELECT o.first_seen, s.via, s.peer FROM operations o JOIN sources s ON s.source = o.source WHERE ${hasId}`,
      ),
    };
  }

  has(id: OperationId): boolean {
    return this.#statements.has.get(fromHex(id)) !== undefined;
  }

  /** An envelope as it was written; undefined when it is not here, or was damaged. */
  envelope(id: OperationId): Uint8Array | undefined {
    const row = this.#statements.envelope.get(fromHex(id));
    if (row === undefined) return undefined;
    const envelope = fromStored(row);
    if (envelope === undefined) this.#onDamaged(id);
    return envelope;
  }

  idsOfPublisher(publisher: PublisherId, limit: number): OperationId[] {
    const number = this.#names.publishers.find(publisher) ?? null;
    return this.#statements.idsOfPublisher.all(number, limit).map((row) => toHex(row["id"] as Uint8Array));
  }

  /** @param id - lower case */
  idsOfPackage(id: string, limit: number): OperationId[] {
    const number = this.#names.packages.find(id) ?? null;
    return this.#statements.idsOfPackage.all(number, limit).map((row) => toHex(row["id"] as Uint8Array));
  }

  /** All that is stored of a publisher; signatures were checked before it was stored. */
  load(publisher: PublisherId): { admitted: SignedOperation[]; waiting: SignedOperation[] } {
    const open = (row: Row, envelope: Uint8Array | undefined): SignedOperation[] => {
      const id = toHex(row["id"] as Uint8Array);
      const signed = operationInRow(id, envelope);
      if (signed === undefined) this.#onDamaged(id);
      return signed === undefined ? [] : [signed];
    };
    return {
      admitted: this.#statements.ofPublisher
        .all(this.#names.publishers.find(publisher) ?? null)
        .flatMap((row) => open(row, fromStored(row))),
      waiting: this.#statements.waitingOfPublisher.all(publisher).flatMap((row) => open(row, waitingEnvelope(row))),
    };
  }

  /**
   * Stores an operation.
   * @param isValidRelease - whether it is known to be a release in force; otherwise what it is is said later
   */
  insert(signed: SignedOperation, atMs: number, origin: Origin, isValidRelease = false): void {
    const { id, operation, envelope } = signed;
    const { insert, insertEnvelope } = this.#statements;
    const named = "id" in operation ? this.#names.packages.findOrAdd(operation.id.toLowerCase()) : null;
    const publisher = this.#names.publishers.findOrAdd(publisherOf(signed));
    const { lastInsertRowid } = insert.run(
      fromHex(id),
      operation.time,
      publisher,
      operation.type === "genesis" ? 1 : 0,
      named,
      atMs,
      this.#sourceOf(origin),
      isValidRelease ? 1 : null,
      isValidRelease && "version" in operation ? operation.version : null,
    );
    const signer = this.#signers.findOrAdd(operation, publisher);
    const stored = toStored(envelope, signer?.context);
    insertEnvelope.run(lastInsertRowid, signer?.signer ?? null, stored.checksum, stored.envelope);
  }

  /** Stores an envelope of the same operation with more signatures. */
  replaceEnvelope(id: OperationId, envelope: Uint8Array): void {
    const stored = toStored(envelope, undefined);
    this.#statements.replace.run(fromHex(id), stored.envelope, stored.checksum);
  }

  /** Whether any operation waits. */
  hasWaiting(): boolean {
    return this.#statements.someWaiting.get() !== undefined;
  }

  isWaiting(envelope: Uint8Array): boolean {
    return this.#statements.isWaiting.get(sha256(envelope)) !== undefined;
  }

  wait(signed: SignedOperation, atMs: number, { via, peer }: Origin): void {
    const { id, envelope } = signed;
    this.#statements.wait.run(sha256(envelope), fromHex(id), publisherOf(signed), envelope, atMs, via, peer ?? null);
  }

  stopWaiting(publisher: PublisherId, id: OperationId): void {
    this.#statements.stopWaiting.run(publisher, fromHex(id));
  }

  /** Forgets the oldest of those that wait, where there are too many. */
  trimWaiting(publisher: PublisherId): void {
    this.#statements.trimPublisher.run(publisher);
    const excess = Number(this.#statements.countWaiting.get()?.["n"]) - maxWaiting;
    if (excess > 0) this.#statements.trimAll.run(excess);
  }

  firstSeen(id: OperationId): FirstSeen | undefined {
    const row = this.#statements.firstSeen.get(fromHex(id));
    if (row === undefined) return undefined;
    const peer = row["peer"];
    return {
      atMs: Number(row["first_seen"]),
      via: row["via"] as OperationSource,
      ...(peer === "" ? {} : { peer: String(peer) }),
    };
  }

  /** The index over all that is admitted. */
  buildIndex(): MutableReconcileIndex {
    const index = createReconcileIndex();
    // In order is the fastest way to fill the tree.
    for (const row of this.#db.prepare("SELECT time, id FROM operations ORDER BY time, id").iterate()) {
      index.insert(Number(row["time"]), row["id"] as Uint8Array);
    }
    return index;
  }

  /** Lets go of what is at hand, after a write was taken back. */
  forgetAll(): void {
    this.#lastSource = undefined;
    this.#sources.clear();
    this.#signers.forgetAll();
    for (const names of Object.values(this.#names)) names.forgetAll();
  }

  #sourceOf(origin: Origin): number {
    if (this.#lastSource?.origin === origin) return this.#lastSource.source;
    const source = this.#findSource(origin);
    this.#lastSource = { origin, source };
    return source;
  }

  #findSource({ via, peer = "" }: Origin): number {
    const name = `${via} ${peer}`;
    const cached = this.#sources.get(name);
    if (cached !== undefined) return cached;
    const row = this.#statements.source.get(via, peer);
    const source = Number(row?.["source"] ?? this.#statements.insertSource.run(via, peer).lastInsertRowid);
    if (this.#sources.size >= maxSources) this.#sources.clear();
    this.#sources.set(name, source);
    return source;
  }
}

/** What waits is stored as it came. */
function waitingEnvelope({ envelope, digest }: Row): Uint8Array | undefined {
  const isSound =
    envelope instanceof Uint8Array && digest instanceof Uint8Array && equalBytes(sha256(envelope), digest);
  return isSound ? envelope : undefined;
}
