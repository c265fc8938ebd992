import { DatabaseSync, type SQLOutputValue } from "node:sqlite";

import { isPackageId, isPublisherId, type OperationSource, type PublisherId } from "@ggen/p2p-types";

import { fromStored } from "../stored/stored-envelope.ts";
import type { Origin } from "./operation-table.ts";

/** Envelopes that came together. */
export interface SalvagedBatch {
  readonly origin: Origin;
  readonly envelopes: Uint8Array[];
}

/** What could still be read of a damaged catalogue. Nothing of it is verified. */
export interface Salvage {
  readonly batches: readonly SalvagedBatch[];
  readonly trust: readonly { readonly publisher: PublisherId; readonly trusted: boolean; readonly nickname?: string }[];
  readonly owners: readonly { readonly id: string; readonly publisher: PublisherId }[];
}

type Row = Record<string, SQLOutputValue>;

const sources: readonly unknown[] = ["local", "gossip", "sync", "fetch"] satisfies readonly OperationSource[];

/**
 * Reads what can be read of a catalogue that was set aside.
 * @param path - of the damaged database; it is not changed
 */
export function salvage(path: string): Salvage {
  let db: DatabaseSync;
  try {
    db = new DatabaseSync(path, { readOnly: true });
  } catch {
    return { batches: [], trust: [], owners: [] };
  }
  try {
    const rows = [...readableOperations(db), ...readableRows(db, "waiting", "arrival")];
    return {
      batches: batchesOf(rows),
      trust: readableRows(db, "trust", "rowid").flatMap(({ publisher, trusted, nickname }) =>
        typeof publisher === "string" && isPublisherId(publisher)
          ? [{ publisher, trusted: trusted === 1, ...(typeof nickname === "string" ? { nickname } : {}) }]
          : [],
      ),
      owners: readableRows(db, "owners", "rowid").flatMap(({ package: id, publisher }) =>
        typeof id === "string" && isPackageId(id) && typeof publisher === "string" && isPublisherId(publisher)
          ? [{ id, publisher }]
          : [],
      ),
    };
  } finally {
    db.close();
  }
}

/** Stored envelopes with where they came from, as far as that can be told. */
function readableOperations(db: DatabaseSync): Row[] {
  const byKey = (table: string, key: string): Map<SQLOutputValue, Row> =>
    new Map(readableRows(db, table, key).map((row) => [row["place"] ?? null, row]));
  const sourceRows = byKey("sources", "source");
  const signers = byKey("signers", "signer");
  const operations = byKey("operations", "operation");
  return readableRows(db, "envelopes", "operation").map(({ place = null, signer = null, ...stored }) => {
    const { first_seen: firstSeen = 0, source = null } = operations.get(place) ?? {};
    const { via = null, peer = null } = sourceRows.get(source) ?? {};
    const envelope = fromStored({ ...stored, context: signers.get(signer)?.["context"] ?? null }) ?? null;
    return { envelope, first_seen: firstSeen, via, peer: peer === "" ? null : peer };
  });
}

/** The rows before the first page that cannot be read, and those after the last. */
function readableRows(db: DatabaseSync, table: string, key: string): Row[] {
  const rows = new Map<SQLOutputValue, Row>();
  for (const direction of ["ASC", "DESC"]) {
    try {
      const query = db.prepare(`SELECT ${key} AS place, * FROM ${table} ORDER BY ${key} ${direction}`);
      for (const row of query.iterate()) rows.set(row["place"] ?? null, row);
      break;
    } catch {
      // What is beyond the damage is reached from the other end.
      continue;
    }
  }
  return [...rows.values()];
}

function batchesOf(rows: readonly Row[]): SalvagedBatch[] {
  const batches = new Map<string, SalvagedBatch>();
  for (const { envelope, via, peer, first_seen: firstSeenMs } of rows) {
    if (!(envelope instanceof Uint8Array) || typeof firstSeenMs !== "number") continue;
    const origin: Origin = {
      via: sources.includes(via) ? (via as OperationSource) : "sync",
      ...(typeof peer === "string" ? { peer } : {}),
      firstSeenMs,
    };
    const name = JSON.stringify(origin);
    const batch = batches.get(name) ?? { origin, envelopes: [] };
    batch.envelopes.push(envelope);
    batches.set(name, batch);
  }
  return [...batches.values()];
}
