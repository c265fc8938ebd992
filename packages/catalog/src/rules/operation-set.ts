import {
  type AuthorityOperation,
  type ChainOperation,
  GgenError,
  type OperationId,
  type OperationSignature,
  type PublicKey,
  type PublisherId,
  type SignedOperation,
  toPublisherId,
} from "@ggen/p2p-types";

/** The publisher that an operation is of: named in it, or made by it. */
export function publisherOf(signed: SignedOperation): PublisherId {
  return signed.operation.type === "genesis" ? toPublisherId(signed.id) : signed.operation.publisher;
}

/** Whether an operation is of the authority chain. */
export function isAuthority(operation: SignedOperation["operation"]): operation is AuthorityOperation {
  return (
    operation.type === "genesis" ||
    operation.type === "grant" ||
    operation.type === "revoke" ||
    operation.type === "rotate" ||
    operation.type === "domain"
  );
}

/**
 * Checks what an operation alone tells about its signers, whoever else there is: a release, yank or unyank has exactly
 * one signature, by the key it names; a genesis has signatures of its own keys only, and enough of them.
 * @throws GgenError `record.bad-signature`
 */
export function checkSigners(signed: SignedOperation): void {
  const { operation, signatures } = signed;
  if (operation.type === "genesis") {
    if (signatures.length >= operation.threshold && signatures.every(({ key }) => operation.keys.includes(key))) return;
    throw wrongSigner(signed, `at least ${operation.threshold} of the keys that it names, and no other`);
  }
  if (isAuthority(operation)) return;
  if (signatures.length === 1 && signatures[0]?.key === operation.key) return;
  throw wrongSigner(signed, `one signature, by ${operation.key}`);
}

function wrongSigner(signed: SignedOperation, expected: string): GgenError {
  return new GgenError("record.bad-signature", "A record is signed by the wrong key", {
    expected,
    got: signed.signatures.map(({ key }) => key).join(", "),
    data: { operation: signed.id },
  });
}

/** An operation of the set, with the signatures of all its envelopes. */
export interface Member<T extends AuthorityOperation | ChainOperation = AuthorityOperation | ChainOperation> {
  readonly signed: SignedOperation;
  readonly operation: T;
  readonly signatures: ReadonlyMap<PublicKey, OperationSignature>;
}

/** The distinct operations of a list, the smallest envelope standing for those of one operation. */
export function collect(operations: readonly SignedOperation[]): Map<OperationId, Member> {
  const members = new Map<OperationId, Member & { signatures: Map<PublicKey, OperationSignature> }>();
  for (const signed of operations) {
    const known = members.get(signed.id);
    if (known === undefined) {
      const signatures = new Map(signed.signatures.map((entry) => [entry.key, entry]));
      members.set(signed.id, { signed, operation: signed.operation, signatures });
      continue;
    }
    for (const entry of signed.signatures) known.signatures.set(entry.key, entry);
    if (Buffer.compare(signed.envelope, known.signed.envelope) < 0) members.set(signed.id, { ...known, signed });
  }
  return members;
}
