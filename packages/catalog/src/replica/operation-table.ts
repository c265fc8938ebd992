import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

import {
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
import { soundOperation } from "./verify-records.ts";

/** Where some envelopes came from. */
export interface Origin {
  readonly via: OperationSource;
  readonly peer?: string;
  /** Milliseconds since 1970 when they came, where that was before now. */
  readonly firstSeenMs?: number;
}

type Row = Record<string, SQLOutputValue>;

const envelopeOf = (row: Row): Uint8Array => row["envelope"] as Uint8Array;

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
    | "replace"
    | "wait"
    | "isWaiting"
    | "someWaiting"
    | "stopWaiting"
    | "trimPublisher"
    | "trimAll"
    | "countPublisher"
    | "count"
    | "countWaiting"
    | "firstSeen",
    StatementSync
  >;
  readonly #db: DatabaseSync;

  readonly #onDamaged: (id: OperationId) => void;

  /** @param onDamaged - told of an operation that is not the one of its id any more; it counts as not here */
  constructor(db: DatabaseSync, onDamaged: (id: OperationId) => void) {
    this.#db = db;
    this.#onDamaged = onDamaged;
    this.#statements = {
      has: db.prepare("SELECT 1 FROM operations WHERE id = ?"),
      envelope: db.prepare("SELECT envelope, digest FROM operations WHERE id = ?"),
      ofPublisher: db.prepare("SELECT id, envelope, digest FROM operations WHERE publisher = ?"),
      waitingOfPublisher: db.prepare("SELECT id, envelope, digest FROM waiting WHERE publisher = ?"),
      idsOfPublisher: db.prepare("SELECT id FROM operations WHERE publisher = ? ORDER BY time, id LIMIT ?"),
      idsOfPackage: db.prepare("SELECT id FROM operations WHERE package = ? ORDER BY time, id LIMIT ?"),
      insert: db.prepare("INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
      replace: db.prepare("UPDATE operations SET envelope = ?1, digest = ?3 WHERE id = ?2"),
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
      countPublisher: db.prepare("SELECT count(*) AS n FROM operations WHERE publisher = ?"),
      count: db.prepare("SELECT count(*) AS n FROM operations"),
      countWaiting: db.prepare("SELECT count(*) AS n FROM waiting"),
      firstSeen: db.prepare("SELECT first_seen, via, peer FROM operations WHERE id = ?"),
    };
  }

  has(id: OperationId): boolean {
    return this.#statements.has.get(fromHex(id)) !== undefined;
  }

  envelope(id: OperationId): Uint8Array | undefined {
    const row = this.#statements.envelope.get(fromHex(id));
    return row === undefined ? undefined : envelopeOf(row);
  }

  /** As {@link envelope}, checked against the id. */
  soundEnvelope(id: OperationId): Uint8Array | undefined {
    const row = this.#statements.envelope.get(fromHex(id));
    if (row === undefined) return undefined;
    if (soundOperation(id, row) !== undefined) return envelopeOf(row);
    this.#onDamaged(id);
    return undefined;
  }

  idsOfPublisher(publisher: PublisherId, limit: number): OperationId[] {
    return this.#statements.idsOfPublisher.all(publisher, limit).map((row) => toHex(row["id"] as Uint8Array));
  }

  /** @param id - lower case */
  idsOfPackage(id: string, limit: number): OperationId[] {
    return this.#statements.idsOfPackage.all(id, limit).map((row) => toHex(row["id"] as Uint8Array));
  }

  /** All that is stored of a publisher; signatures were checked before it was stored. */
  load(publisher: PublisherId): { admitted: SignedOperation[]; waiting: SignedOperation[] } {
    const open = (row: Row): SignedOperation[] => {
      const id = toHex(row["id"] as Uint8Array);
      const signed = soundOperation(id, row);
      if (signed === undefined) this.#onDamaged(id);
      return signed === undefined ? [] : [signed];
    };
    return {
      admitted: this.#statements.ofPublisher.all(publisher).flatMap(open),
      waiting: this.#statements.waitingOfPublisher.all(publisher).flatMap(open),
    };
  }

  insert(signed: SignedOperation, atMs: number, { via, peer }: Origin): void {
    const { id, operation, envelope } = signed;
    const named = "id" in operation ? operation.id.toLowerCase() : null;
    this.#statements.insert.run(
      fromHex(id),
      operation.time,
      publisherOf(signed),
      operation.type,
      named,
      envelope,
      atMs,
      via,
      peer ?? null,
      sha256(envelope),
    );
  }

  /** Stores an envelope of the same operation with more signatures. */
  replaceEnvelope(id: OperationId, envelope: Uint8Array): void {
    this.#statements.replace.run(envelope, fromHex(id), sha256(envelope));
  }

  isWaiting(envelope: Uint8Array): boolean {
    if (this.#statements.someWaiting.get() === undefined) return false;
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

  count(publisher?: PublisherId): number {
    const { count, countPublisher } = this.#statements;
    return Number((publisher === undefined ? count.get() : countPublisher.get(publisher))?.["n"]);
  }

  firstSeen(id: OperationId): FirstSeen | undefined {
    const row = this.#statements.firstSeen.get(fromHex(id));
    if (row === undefined) return undefined;
    const peer = row["peer"];
    return {
      atMs: Number(row["first_seen"]),
      via: row["via"] as OperationSource,
      ...(peer === null ? {} : { peer: String(peer) }),
    };
  }

  /** The index over all that is admitted. */
  buildIndex(): MutableReconcileIndex {
    const index = createReconcileIndex();
    // The covering index gives them in order, which is the fastest way to fill the tree.
    for (const row of this.#db.prepare("SELECT time, id FROM operations ORDER BY time, id").iterate()) {
      index.insert(Number(row["time"]), row["id"] as Uint8Array);
    }
    return index;
  }
}
