import type { ConflictProof, OperationId, SignedOperation } from "@ggen/p2p-types";
import { GgenError, openEnvelope } from "@ggen/p2p-types";

import { derivePublisher } from "./derive-publisher.ts";
import { checkSigners, isAuthority, publisherOf } from "./operation-set.ts";
import type { PublisherState, Release } from "./publisher-state.ts";

/** Most records of a proof: a publisher's whole authority chain and the pair. */
const maxProofRecords = 4096;

/** Why a release is in conflict: the two records that its publisher should never have signed both. */
export type Conflict = Pick<ConflictProof, "kind" | "operations">;

/**
 * The pair of records that makes a release conflicted.
 * @param state - of its publisher
 * @param release - its operation
 * @returns undefined when it is not conflicted
 */
export function conflictOf(state: PublisherState, release: OperationId): Conflict | undefined {
  const found = state.releases.find(({ operation }) => operation.id === release);
  if (found?.status !== "conflicted") return undefined;
  const [rival] = state.releases.filter((other) => areRivals(found, other)).map(({ operation }) => operation.id);
  if (rival !== undefined) return { kind: "version", operations: inOrder(release, rival) };
  const { forkedBy } = state.signingKeys.get(found.operation.operation.key) ?? {};
  return forkedBy === undefined ? undefined : { kind: "fork", operations: forkedBy };
}

function areRivals({ operation: { operation: a } }: Release, { operation: { operation: b } }: Release): boolean {
  return a.id.toLowerCase() === b.id.toLowerCase() && a.version === b.version && a.content.sha256 !== b.content.sha256;
}

function inOrder(a: OperationId, b: OperationId): readonly [OperationId, OperationId] {
  return a < b ? [a, b] : [b, a];
}

/**
 * Writes the proof of a conflict so that anybody can check it, without any other record and whoever handed it over.
 * @param state - of the publisher
 * @param release - the conflicted release's operation
 * @param envelopes - gives stored envelopes by id
 * @returns undefined when the release is not conflicted
 */
export function proveConflict(
  state: PublisherState,
  release: OperationId,
  envelopes: (ids: readonly OperationId[]) => readonly Uint8Array[],
): ConflictProof | undefined {
  const conflict = conflictOf(state, release);
  if (conflict === undefined) return undefined;
  const records = envelopes([...state.authoritySignatures.keys(), ...conflict.operations]);
  return {
    publisher: state.publisher,
    ...conflict,
    records: records.map((envelope) => Buffer.from(envelope).toString("base64")),
  };
}

/**
 * Checks a proof of a conflict from anywhere: the publisher's authority chain leads to the keys that signed both records
 * of the pair, and nobody may sign both. What it cannot tell is whether a key was revoked in a record that it leaves out.
 * @param records - envelopes in base64: the authority chain from the genesis on, then the pair
 * @returns what was proved
 * @throws GgenError `record.invalid`, `record.bad-signature`, `record.too-large`
 */
export function checkConflictProof(records: readonly string[]): Omit<ConflictProof, "records"> {
  if (records.length < 3 || records.length > maxProofRecords) {
    throw new GgenError("record.invalid", "This is no proof of a conflict", {
      expected: `3-${maxProofRecords} records`,
      got: `${records.length}`,
    });
  }
  const signed = records.map((text) => {
    const one = openEnvelope(new Uint8Array(Buffer.from(text, "base64")));
    checkSigners(one);
    return one;
  });
  const authority = signed.slice(0, -2).filter(({ operation }) => isAuthority(operation));
  const [first, second] = signed.slice(-2) as [SignedOperation, SignedOperation];
  const publisher = publisherOf(first);
  const state = derivePublisher(authority, publisher);
  const kind = kindOf(first, second);
  if (kind === undefined) {
    throw unproved("two records of which one publisher may sign only one", `${first.id} and ${second.id}`);
  }
  for (const { id, operation } of [first, second]) {
    const granted = isAuthority(operation) ? undefined : state.signingKeys.get(operation.key);
    if (granted === undefined || isAuthority(operation)) {
      throw unproved(`a key that ${publisher} granted, for each of the pair`, `another key signed ${id}`);
    }
    if (granted.revoked !== undefined && operation.seq > granted.revoked.seq) {
      throw unproved("records that their key's revocation keeps", `${id} was revoked with its key`);
    }
  }
  return { publisher, kind, operations: inOrder(first.id, second.id) };
}

/** In which way two records exclude each other, if they do. */
function kindOf({ id, operation: a }: SignedOperation, second: SignedOperation): Conflict["kind"] | undefined {
  const b = second.operation;
  if (isAuthority(a) || isAuthority(b) || a.publisher !== b.publisher || id === second.id) return undefined;
  const isSameVersion = a.type === "release" && b.type === "release" && a.version === b.version;
  if (isSameVersion && a.id.toLowerCase() === b.id.toLowerCase() && a.content.sha256 !== b.content.sha256) {
    return "version";
  }
  return a.key === b.key && a.seq === b.seq ? "fork" : undefined;
}

function unproved(expected: string, got: string): GgenError {
  return new GgenError("record.invalid", "The records prove no conflict", { expected, got });
}
