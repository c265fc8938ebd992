import {
  type Operation,
  type OperationId,
  type OperationSignature,
  type OperationSource,
  type PackageUpdate,
  fromHex,
  sealOperation,
  type SignedOperation,
} from "@ggen/p2p-types";

import { derivePublisher } from "../rules/derive-publisher.ts";
import type { PublisherState, WithoutEffect } from "../rules/publisher-state.ts";
import { maxWaitingOfPublisher } from "./limits.ts";
import type { StoredPublisher } from "./publisher-store.ts";

/** What new operations make of a publisher; nothing is written yet. */
export interface PublisherChange {
  readonly before: StoredPublisher;
  readonly state: PublisherState;
  readonly admitted: ReadonlyMap<OperationId, SignedOperation>;
  readonly waiting: readonly SignedOperation[];
  /** Newly admitted, new or promoted. */
  readonly inserted: readonly SignedOperation[];
  /** Admitted before, with more signatures now. */
  readonly replaced: readonly SignedOperation[];
  /** New ones that wait. */
  readonly waits: readonly SignedOperation[];
  /** New ones that can never have effect beside what is known. */
  readonly dropped: readonly OperationId[];
  /** Ones that waited, and can never have effect now that what they waited for is here. */
  readonly purged: readonly OperationId[];
}

/** Reasons that something still to come may remove. */
const mayPass: ReadonlySet<WithoutEffect> = new Set(["orphan", "not-granted"]);

/** Derives a publisher anew with some more operations. */
export function applyOperations(before: StoredPublisher, fresh: readonly SignedOperation[]): PublisherChange {
  const all = [...before.admitted.values(), ...before.waiting, ...fresh];
  const state = derivePublisher(all, before.publisher);
  const admitted = new Map(before.admitted);
  const inserted: SignedOperation[] = [];
  const replaced: SignedOperation[] = [];
  const waits: SignedOperation[] = [];
  const dropped = new Set<OperationId>();
  for (const signed of [...before.waiting, ...fresh]) {
    const { id } = signed;
    if (!state.admitted.has(id)) continue;
    const known = admitted.get(id);
    const canonical = withSignatures(signed, state.authoritySignatures.get(id));
    if (known === undefined) inserted.push(canonical);
    else if (!before.admitted.has(id) || known.signatures.length >= canonical.signatures.length) continue;
    else replaced.push(canonical);
    admitted.set(id, canonical);
  }
  const isHopeful = (id: OperationId): boolean => mayPass.has(state.withoutEffect.get(id) ?? "orphan");
  const notAdmitted = before.waiting.filter(({ id }) => !state.admitted.has(id));
  const waiting = notAdmitted.filter(({ id }) => isHopeful(id));
  const waitingEnvelopes = new Set(waiting.map(envelopeName));
  for (const signed of fresh) {
    if (state.admitted.has(signed.id) || waitingEnvelopes.has(envelopeName(signed))) continue;
    waitingEnvelopes.add(envelopeName(signed));
    if (isHopeful(signed.id)) waits.push(signed);
    else dropped.add(signed.id);
  }
  return {
    before,
    state,
    admitted,
    waiting: [...waiting, ...waits].slice(-maxWaitingOfPublisher),
    inserted,
    replaced,
    waits,
    dropped: [...dropped],
    purged: notAdmitted.map(({ id }) => id).filter((id) => !isHopeful(id)),
  };
}

function envelopeName({ envelope }: SignedOperation): string {
  return Buffer.from(envelope.buffer, envelope.byteOffset, envelope.byteLength).toString("latin1");
}

/**
 * The envelope that is stored and passed on: with exactly the signatures that count, whichever came with which copy.
 * Otherwise whoever passes on an operation with a signature taken away could keep others from ever seeing it.
 */
function withSignatures(signed: SignedOperation, counting: readonly OperationSignature[] | undefined): SignedOperation {
  if (counting === undefined) return signed;
  if (keysOf(counting) === keysOf(signed.signatures)) return signed;
  const sealed = sealOperation(
    signed.operation,
    counting.map(({ key, signature }) => ({ publicKey: fromHex(key), sign: () => signature })),
  );
  return { ...sealed, envelope: new Uint8Array(sealed.envelope) };
}

function keysOf(signatures: readonly OperationSignature[]): string {
  return signatures.map(({ key }) => key).join();
}

/** The events that a change is for subscribers. */
export function updatesOf(change: PublisherChange, via: OperationSource): PackageUpdate[] {
  const updates: PackageUpdate[] = [];
  for (const { operation, status } of change.state.releases) {
    // Also one that was stored before and is in force only now, e.g. because its revoked key's head has come.
    if (status === "conflicted" || change.before.standings.has(operation.id)) continue;
    updates.push(toUpdate("release", operation.id, operation.operation, via));
  }
  for (const { id, operation } of change.inserted) {
    if (change.state.withoutEffect.has(id)) continue;
    if (operation.type === "yank" || operation.type === "unyank") {
      updates.push(toUpdate(operation.type, id, operation, via));
    }
  }
  return updates;
}

function toUpdate(
  type: PackageUpdate["type"],
  operationId: OperationId,
  operation: Extract<Operation, { readonly version: string }>,
  via: OperationSource,
): PackageUpdate {
  const { id, version, publisher } = operation;
  return { type, id, version, publisher, operation: operationId, via };
}
