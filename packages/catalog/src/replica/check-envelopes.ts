import { setImmediate as nextTurn } from "node:timers/promises";

import {
  decodeEnvelope,
  equalBytes,
  fromHex,
  GgenError,
  type OperationId,
  type SignedOperation,
  toGgenError,
  verifySignature,
} from "@ggen/p2p-types";

import { checkSigners, isAuthority } from "../rules/operation-set.ts";
import type { OperationTable } from "./operation-table.ts";

/** Envelopes that are checked in one go, about 5 ms; others get their turn in between. */
const envelopesPerTurn = 32;

/** Envelopes sorted by what they are in themselves. */
export interface CheckedEnvelopes {
  /** Well formed, rightly signed and not stored in this form. */
  readonly fresh: readonly SignedOperation[];
  readonly known: readonly OperationId[];
  readonly rejected: readonly { readonly index: number; readonly error: Error }[];
}

/** Decodes envelopes and checks their signatures; of an envelope that is stored already, only that it is the same. */
export async function checkEnvelopes(
  envelopes: readonly Uint8Array[],
  operations: OperationTable,
): Promise<CheckedEnvelopes> {
  const fresh: SignedOperation[] = [];
  const known: OperationId[] = [];
  const rejected: { index: number; error: Error }[] = [];
  for (const [index, envelope] of envelopes.entries()) {
    if (index > 0 && index % envelopesPerTurn === 0) await nextTurn();
    try {
      const signed = checkEnvelope(envelope, operations);
      if (typeof signed === "string") known.push(signed);
      else fresh.push(signed);
    } catch (error) {
      rejected.push({ index, error: toGgenError(error, "record.invalid") });
    }
  }
  return { fresh, known, rejected };
}

/** @returns the id alone when the operation is stored and the envelope adds nothing to it */
function checkEnvelope(envelope: Uint8Array, operations: OperationTable): SignedOperation | OperationId {
  const { signed, message } = decodeEnvelope(envelope);
  const stored = operations.envelope(signed.id);
  if (stored !== undefined && equalBytes(stored, envelope)) return signed.id;
  if (stored === undefined && operations.isWaiting(envelope)) return signed.id;
  checkSigners(signed);
  for (const { key, signature } of signed.signatures) {
    if (!verifySignature(fromHex(key), message, signature)) {
      throw new GgenError("record.bad-signature", "A signature of a record is not valid", {
        data: { operation: signed.id },
      });
    }
  }
  // Only authority operations may be signed by more keys than one envelope shows.
  if (stored !== undefined && !isAuthority(signed.operation)) return signed.id;
  // The caller's buffer may be a part of a larger one, or reused; `slice` would not copy a Buffer.
  return { ...signed, envelope: new Uint8Array(envelope) };
}
