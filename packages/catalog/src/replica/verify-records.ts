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
import { toPackage } from "./package-document.ts";

/** About 10 ms of work; others get their turn in between. */
const rowsPerTurn = 200;

/** What a check of every stored record found. */
export interface RecordReport {
  readonly checked: number;
  /** Ids of operations that are not what their ids say, or whose package is not what they say. */
  readonly damaged: readonly OperationId[];
}

/**
 * The operation in a row with `envelope` and `digest` when it is the one of this id; undefined when a bit of it was
 * changed since its signatures were checked.
 */
export function soundOperation(
  id: OperationId,
  { envelope, digest }: Record<string, SQLOutputValue>,
): SignedOperation | undefined {
  try {
    const bytes = envelope as Uint8Array;
    if (digest instanceof Uint8Array && !equalBytes(sha256(bytes), digest)) return undefined;
    const { signed } = digest instanceof Uint8Array ? decodeEnvelope(bytes) : { signed: openEnvelope(bytes) };
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
    `SELECT o.rowid AS place, o.id, o.time, o.publisher, o.envelope, o.digest, r.document, r.publisher AS owner, r.package
     FROM operations o LEFT JOIN releases r ON r.operation = o.id WHERE o.rowid > ? ORDER BY o.rowid LIMIT ${rowsPerTurn}`,
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
  if (row["document"] === null) return true;
  return (
    operation.type === "release" &&
    row["owner"] === operation.publisher &&
    row["package"] === operation.id.toLowerCase() &&
    row["document"] === JSON.stringify(toPackage({ ...signed, operation }))
  );
}
