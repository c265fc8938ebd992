import type { Catalog } from "@ggen/p2p-catalog";
import {
  type AuthorityOperation,
  decodeEnvelope,
  GgenError,
  type OperationId,
  type PublicKey,
  type PublisherId,
} from "@ggen/p2p-types";

/** An authority operation in force, and what it leaves in force behind it. */
export interface AuthorityStep {
  readonly id: OperationId;
  readonly operation: AuthorityOperation;
  /** Rotation keys that counted when it was signed. */
  readonly signers: readonly PublicKey[];
  /** Rotation keys in force after it, the highest-ranked first. */
  readonly rotationKeys: readonly PublicKey[];
  /** How many of them sign the next one. */
  readonly threshold: number;
}

/** A publisher's authority chain as the catalogue has it. */
export interface AuthorityChain {
  readonly publisher: PublisherId;
  /** In force, from the genesis to the head: never empty. */
  readonly steps: readonly AuthorityStep[];
  /** When the head has successors of equal rank: their ids, with the keys that signed each. */
  readonly frozen: readonly { readonly id: OperationId; readonly signers: readonly PublicKey[] }[];
}

/**
 * Reads the chain in force of a publisher.
 * @throws GgenError `publisher.not-found` when the catalogue lacks its genesis
 */
export function readAuthorityChain(
  catalog: Pick<Catalog, "publisherState" | "envelopes">,
  publisher: PublisherId,
): AuthorityChain {
  const state = catalog.publisherState(publisher);
  const signersOf = (id: OperationId): PublicKey[] => (state?.authoritySignatures.get(id) ?? []).map(({ key }) => key);
  const backwards: { readonly id: OperationId; readonly operation: AuthorityOperation }[] = [];
  for (let id = state?.authorityHead; id !== undefined;) {
    const [envelope] = catalog.envelopes([id]);
    if (envelope === undefined) break;
    const { operation } = decodeEnvelope(envelope).signed;
    if (operation.type === "release" || operation.type === "yank" || operation.type === "unyank") break;
    backwards.push({ id, operation });
    id = operation.type === "genesis" ? undefined : operation.prev;
  }
  const steps: AuthorityStep[] = [];
  for (const { id, operation } of backwards.toReversed()) {
    const before = steps.at(-1);
    const replaces = operation.type === "genesis" || operation.type === "rotate";
    const { keys, threshold } = replaces
      ? operation
      : { keys: before?.rotationKeys ?? [], threshold: before?.threshold ?? 0 };
    steps.push({ id, operation, signers: signersOf(id), rotationKeys: keys, threshold });
  }
  if (steps[0]?.operation.type !== "genesis") {
    throw new GgenError("publisher.not-found", `The catalogue has no records of ${publisher}`, {
      hint: "Connect to peers that know it, and run the command again: ggen marketplace p2p bootstrap MULTIADDR",
    });
  }
  return {
    publisher,
    steps,
    frozen: (state?.frozen?.heads ?? []).map((id) => ({ id, signers: signersOf(id) })),
  };
}
