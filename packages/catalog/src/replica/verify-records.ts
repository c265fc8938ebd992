import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";

import { decodeEnvelope, GgenError, type OperationId, type SignedOperation, toHex } from "@ggen/p2p-types";

import { publisherOf } from "../rules/operation-set.ts";
import { fromStored } from "../stored/stored-envelope.ts";

/** About 10 ms of work; others get their turn in between. */
const rowsPerTurn = 200;

/** What a check of every stored record found. */
export interface RecordReport {
  readonly checked: number;
  /** Ids of operations that are not what their ids say, or whose package is not what they say. */
  readonly damaged: readonly OperationId[];
}

/** The operation in an envelope that is as it was written, when it is the one of this id. */
export function operationInRow(id: OperationId, envelope: Uint8Array | undefined): SignedOperation | undefined {
  if (envelope === undefined) return undefined;
  try {
    const { signed } = decodeEnvelope(envelope);
    return signed.id === id ? signed : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Compares every operation with its id, and every row made from a release with the release.
 * @throws GgenError `aborted`
 */
export async function verifyRecords(db: DatabaseSync, signal?: AbortSignal): Promise<RecordReport> {
  const page = db.prepare(
    `SELECT o.operation AS place, o.id, o.time, p.name AS publisher, n.name AS package, e.envelope, e.checksum,
       s.context, o.version
     FROM operations o LEFT JOIN envelopes e ON e.operation = o.operation LEFT JOIN signers s ON s.signer = e.signer
     LEFT JOIN publishers p ON p.publisher = o.publisher LEFT JOIN packages n ON n.package = o.package
     WHERE o.operation > ? ORDER BY o.operation LIMIT ${rowsPerTurn}`,
  );
  const damaged: OperationId[] = [];
  let checked = 0;
  for (let after: SQLOutputValue = 0; ;) {
    if (signal?.aborted === true) throw new GgenError("aborted", "Checking the catalogue was cancelled");
    const rows: Record<string, SQLOutputValue>[] = page.all(after);
    for (const row of rows) {
      const id = toHex(row["id"] as Uint8Array);
      if (!isSoundRow(row, operationInRow(id, fromStored(row)))) damaged.push(id);
      checked += 1;
      after = row["place"] ?? 0;
    }
    if (rows.length < rowsPerTurn) return { checked, damaged };
    await nextTurn();
  }
}

function isSoundRow(row: Record<string, SQLOutputValue>, signed: SignedOperation | undefined): boolean {
  if (signed === undefined || row["time"] !== signed.operation.time || row["publisher"] !== publisherOf(signed))
    return false;
  const { operation } = signed;
  const named = "id" in operation ? operation.id.toLowerCase() : null;
  if (row["package"] !== named) return false;
  if (row["version"] === null) return true;
  return operation.type === "release" && row["version"] === operation.version;
}
