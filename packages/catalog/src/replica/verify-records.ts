import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";

import {
  decodeEnvelope,
  equalBytes,
  GgenError,
  openEnvelope,
  type OperationId,
  sha256,
  type SignedOperation,
  toHex,
} from "@ggen/p2p-types";

import { publisherOf } from "../rules/operation-set.ts";

/** About 10 ms of work; others get their turn in between. */
const rowsPerTurn = 200;

/** What a check of every stored record found. */
export interface RecordReport {
  readonly checked: number;
  /** Ids of operations that are not what their ids say, or whose package is not what they say. */
  readonly damaged: readonly OperationId[];
}

const digestBytes = 16;

/** What is kept beside an envelope: enough to see that a bit of it was changed. */
export function digestOf(envelope: Uint8Array): Uint8Array {
  return sha256(envelope).subarray(0, digestBytes);
}

/** Whether the envelope in a row is as it was written; undefined when nothing was kept to see it by. */
export function isAsWritten({ envelope, digest }: Record<string, SQLOutputValue>): boolean | undefined {
  if (!(digest instanceof Uint8Array)) return undefined;
  const isLongEnough = digest.byteLength >= digestBytes;
  return (
    isLongEnough &&
    envelope instanceof Uint8Array &&
    equalBytes(sha256(envelope).subarray(0, digest.byteLength), digest)
  );
}

/**
 * The operation in a row with `envelope` and `digest` when it is the one of this id; undefined when a bit of it was
 * changed since its signatures were checked.
 */
export function soundOperation(id: OperationId, row: Record<string, SQLOutputValue>): SignedOperation | undefined {
  try {
    const envelope = row["envelope"] as Uint8Array;
    const asWritten = isAsWritten(row);
    if (asWritten === false) return undefined;
    const signed = asWritten === true ? decodeEnvelope(envelope).signed : openEnvelope(envelope);
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
    `SELECT o.operation AS place, o.id, o.time, p.name AS publisher, n.name AS package, e.envelope, e.digest,
       r.version, rp.name AS released, ro.name AS owner
     FROM operations o LEFT JOIN envelopes e ON e.operation = o.operation
     LEFT JOIN publishers p ON p.publisher = o.publisher LEFT JOIN packages n ON n.package = o.package
     LEFT JOIN releases r ON r.operation = o.operation
     LEFT JOIN packages rp ON rp.package = r.package LEFT JOIN publishers ro ON ro.publisher = r.publisher
     WHERE o.operation > ? ORDER BY o.operation LIMIT ${rowsPerTurn}`,
  );
  const damaged: OperationId[] = [];
  let checked = 0;
  for (let after: SQLOutputValue = 0; ;) {
    if (signal?.aborted === true) throw new GgenError("aborted", "Checking the catalogue was cancelled");
    const rows: Record<string, SQLOutputValue>[] = page.all(after);
    for (const row of rows) {
      const id = toHex(row["id"] as Uint8Array);
      if (!isSoundRow(row, soundOperation(id, row))) damaged.push(id);
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
  return (
    operation.type === "release" &&
    row["owner"] === operation.publisher &&
    row["released"] === named &&
    row["version"] === operation.version
  );
}
