import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

import type { PublisherId } from "@ggen/p2p-types";

import type { ListingTermTable } from "../replica/listing-terms.ts";
import type { Stranger } from "./choose-evictions.ts";

/** Publishers that are read, and ones that are removed, in one go, about 5 ms; others get their turn in between. */
const publishersPerTurn = 64;
/** Operations after which fewer publishers are read in one go. */
const operationsPerTurn = 2000;
/** What an operation costs in tables, indexes and search, beside its envelope. */
export const bytesBesideEnvelope = 800;

const hourMs = 3_600_000;

/** An operation that was removed, as the index knows it. */
export interface RemovedOperation {
  readonly time: number;
  readonly id: Uint8Array;
}

/** The publishers of the catalogue for whom the user decided nothing: read for a choice among them, and removed whole. */
export class StrangerTable {
  readonly #terms: ListingTermTable;
  readonly #statements: Record<
    | "page"
    | "name"
    | "operations"
    | "listings"
    | "deleteWords"
    | "deleteListings"
    | "deleteSigners"
    | "deleteEnvelope"
    | "deleteOperations"
    | "deletePackage"
    | "deletePublisher"
    | "deleteWaiting"
    | "mergeWords",
    StatementSync
  >;

  constructor(db: DatabaseSync, terms: ListingTermTable) {
    this.#terms = terms;
    this.#statements = {
      page: db.prepare(
        `SELECT p.*, s.peer FROM (
           SELECT g.publisher, count(*) AS operations, max(o.operation) AS last, min(o.first_seen) AS first_seen,
             sum(iif(o.first_seen > ?2, b.bytes, 0)) AS hour,
             sum(iif(o.first_seen <= ?2 AND o.first_seen > ?3, b.bytes, 0)) AS day,
             sum(iif(o.first_seen <= ?3 AND o.first_seen > ?4, b.bytes, 0)) AS week,
             sum(iif(o.first_seen <= ?4, b.bytes, 0)) AS older,
             max(o.source IN (SELECT source FROM sources WHERE via = 'local')) AS is_own
           FROM (SELECT publisher FROM operations WHERE is_genesis = 1 AND publisher > ?1
                 ORDER BY publisher LIMIT ?5) g
           JOIN operations o ON o.publisher = g.publisher
           JOIN (SELECT operation, length(envelope) + ${bytesBesideEnvelope} AS bytes FROM envelopes) b
             ON b.operation = o.operation
           GROUP BY g.publisher ORDER BY g.publisher
         ) p JOIN operations l ON l.operation = p.last JOIN sources s ON s.source = l.source ORDER BY p.publisher`,
      ),
      name: db.prepare("SELECT name FROM publishers WHERE publisher = ?"),
      operations: db.prepare("SELECT operation, id, time, package FROM operations WHERE publisher = ?"),
      listings: db.prepare("SELECT listing FROM listings WHERE publisher = ?"),
      deleteWords: db.prepare("DELETE FROM listing_words WHERE rowid = ?"),
      deleteListings: db.prepare("DELETE FROM listings WHERE publisher = ?"),
      deleteSigners: db.prepare("DELETE FROM signers WHERE publisher = ?"),
      deleteEnvelope: db.prepare("DELETE FROM envelopes WHERE operation = ?"),
      deleteOperations: db.prepare("DELETE FROM operations WHERE publisher = ?"),
      deletePackage: db.prepare(
        "DELETE FROM packages WHERE package = ?1 AND NOT EXISTS (SELECT 1 FROM operations WHERE package = ?1)",
      ),
      deletePublisher: db.prepare("DELETE FROM publishers WHERE publisher = ?"),
      deleteWaiting: db.prepare(
        `DELETE FROM waiting WHERE publisher NOT IN
         (SELECT publisher FROM trust WHERE trusted = 1 UNION SELECT publisher FROM owners)`,
      ),
      mergeWords: db.prepare("INSERT INTO listing_words (listing_words, rank) VALUES ('merge', 500)"),
    };
  }

  /**
   * Reads the strangers: who is neither known to the user nor has operations that were made here. Yields where others may
   * have their turn.
   * @param known - for whom the user decided something
   */
  *read(nowMs: number, known: ReadonlySet<PublisherId>): Generator<void, Stranger[]> {
    const strangers: Stranger[] = [];
    const [hour, day, week] = [nowMs - hourMs, nowMs - 24 * hourMs, nowMs - 168 * hourMs];
    let after = -1;
    for (let limit = 4; ;) {
      const rows = this.#statements.page.all(after, hour, day, week, limit);
      let operations = 0;
      for (const row of rows) {
        after = Number(row["publisher"]);
        operations += Number(row["operations"]);
        if (row["is_own"] === 1 || known.has(this.nameOf(after))) continue;
        strangers.push(toStranger(row));
      }
      if (rows.length < limit) return strangers;
      limit = operations > operationsPerTurn ? Math.ceil(limit / 4) : Math.min(publishersPerTurn, limit * 2);
      yield;
    }
  }

  /** A publisher's id. */
  nameOf(publisher: number): PublisherId {
    return String(this.#statements.name.get(publisher)?.["name"]);
  }

  /**
   * Removes publishers whole. Yields where others may have their turn.
   * @param removed - gets every operation as it goes
   */
  *remove(publishers: readonly number[], removed: RemovedOperation[]): Generator<void> {
    let turn = 0;
    for (const publisher of publishers) {
      turn += this.#remove(publisher, removed);
      if (turn < publishersPerTurn) continue;
      turn = 0;
      yield;
    }
    this.#statements.mergeWords.run();
  }

  /** Forgets what waits of strangers: it comes again with a comparison, should it still be wanted. */
  removeWaiting(): void {
    this.#statements.deleteWaiting.run();
  }

  #remove(publisher: number, removed: RemovedOperation[]): number {
    const terms = new Set<number>();
    for (const row of this.#statements.listings.all(publisher)) {
      const listing = Number(row["listing"]);
      const said = this.#terms.of(listing);
      this.#statements.deleteWords.run(listing);
      this.#terms.removeTags(listing, said);
      for (const term of said) terms.add(term);
    }
    this.#statements.deleteListings.run(publisher);
    this.#terms.forgetUnused(terms);
    const rows = this.#statements.operations.all(publisher);
    const packages = new Set<SQLOutputValue>();
    for (const { operation = null, id, time, package: named = null } of rows) {
      this.#statements.deleteEnvelope.run(operation);
      removed.push({ time: Number(time), id: id as Uint8Array });
      if (named !== null) packages.add(named);
    }
    this.#statements.deleteOperations.run(publisher);
    for (const named of packages) this.#statements.deletePackage.run(named);
    this.#statements.deleteSigners.run(publisher);
    this.#statements.deletePublisher.run(publisher);
    return 1 + rows.length / 4;
  }
}

function toStranger(row: Record<string, SQLOutputValue>): Stranger {
  const [hour, day, week, older] = ["hour", "day", "week", "older"].map((age) => Number(row[age]));
  return {
    publisher: Number(row["publisher"]),
    source: String(row["peer"]),
    firstSeenMs: Number(row["first_seen"]),
    bytes: { hour: hour ?? 0, day: day ?? 0, week: week ?? 0, older: older ?? 0 },
  };
}
