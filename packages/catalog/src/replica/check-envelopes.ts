import { setImmediate as nextTurn } from "node:timers/promises";

import {
  decodeEnvelope,
  equalBytes,
  fromHex,
  GgenError,
  type OperationId,
  type SignedOperation,
  toGgenError,
  type UnverifiedEnvelope,
} from "@ggen/p2p-types";

import { checkSigners, isAuthority } from "../rules/operation-set.ts";
import type { SignaturePool } from "../verify/signature-pool.ts";
import type { OperationTable } from "./operation-table.ts";

/** Envelopes that are decoded in one go, about 4 ms; others get their turn in between. */
const envelopesPerTurn = 256;

/** Envelopes sorted by what they are in themselves. */
export interface CheckedEnvelopes {
  /** Well formed, rightly signed and not stored in this form. */
  readonly fresh: readonly SignedOperation[];
  readonly known: readonly OperationId[];
  readonly rejected: readonly { readonly index: number; readonly error: Error }[];
}

/** What checking needs. */
export interface EnvelopeChecks {
  readonly operations: OperationTable;
  readonly signatures: SignaturePool;
  /** Whether an operation is admitted. */
  readonly isHeld: (signed: SignedOperation) => boolean;
}

/** Decodes envelopes and checks their signatures; of an envelope that is stored already, only that it is the same. */
export async function checkEnvelopes(
  envelopes: readonly Uint8Array[],
  checks: EnvelopeChecks,
): Promise<CheckedEnvelopes> {
  const unverified: { readonly index: number; readonly decoded: UnverifiedEnvelope; readonly isHeld: boolean }[] = [];
  const known: OperationId[] = [];
  const rejected: { index: number; error: Error }[] = [];
  let hasWaiting = checks.operations.hasWaiting();
  for (const [index, envelope] of envelopes.entries()) {
    if (index > 0 && index % envelopesPerTurn === 0) {
      await nextTurn();
      hasWaiting = checks.operations.hasWaiting();
    }
    try {
      const decoded = decodeEnvelope(envelope);
      const { id } = decoded.signed;
      const isHeld = checks.isHeld(decoded.signed);
      if (isHeld ? isStored(decoded.signed, checks.operations) : hasWaiting && checks.operations.isWaiting(envelope)) {
        known.push(id);
        continue;
      }
      checkSigners(decoded.signed);
      unverified.push({ index, decoded, isHeld });
    } catch (error) {
      rejected.push({ index, error: toGgenError(error, "record.invalid") });
    }
  }

  const verdicts = await checks.signatures.verify(
    unverified.flatMap(({ decoded: { signed, message } }) =>
      signed.signatures.map(({ key, signature }) => ({ publicKey: fromHex(key), message, signature })),
    ),
  );
  const fresh: SignedOperation[] = [];
  let place = 0;
  for (const { index, decoded, isHeld } of unverified) {
    const { signed } = decoded;
    const end = place + signed.signatures.length;
    const isSigned = verdicts.slice(place, end).every(Boolean);
    place = end;
    if (!isSigned) rejected.push({ index, error: badSignature(signed.id) });
    // Only authority operations may be signed by more keys than one envelope shows.
    else if (isHeld && !isAuthority(signed.operation)) known.push(signed.id);
    // The caller's buffer may be a part of a larger one, or reused; `slice` would not copy a Buffer.
    else fresh.push({ ...signed, envelope: new Uint8Array(signed.envelope) });
  }
  return { fresh, known, rejected: rejected.toSorted((a, b) => a.index - b.index) };
}

/** Whether the envelope of an operation that is admitted adds nothing to it. */
function isStored({ id, envelope }: SignedOperation, operations: OperationTable): boolean {
  const stored = operations.envelope(id);
  return stored !== undefined && equalBytes(stored, envelope);
}

function badSignature(operation: OperationId): GgenError {
  return new GgenError("record.bad-signature", "A signature of a record is not valid", { data: { operation } });
}
