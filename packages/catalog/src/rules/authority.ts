import {
  type AuthorityOperation,
  fromPublisherId,
  type OperationId,
  type OperationSignature,
  type PublicKey,
  type PublisherId,
} from "@ggen/p2p-types";

import type { Member } from "./operation-set.ts";
import type { SigningKeyState, WithoutEffect } from "./publisher-state.ts";

type AuthorityMember = Member<AuthorityOperation>;

/** What the authority chain alone says. */
export interface AuthorityState {
  readonly known: boolean;
  readonly frozen?: { readonly parent: OperationId; readonly heads: readonly OperationId[] };
  readonly rotationKeys: readonly PublicKey[];
  readonly threshold: number;
  readonly head?: OperationId;
  readonly signingKeys: Map<PublicKey, SigningKeyState>;
  readonly domains: readonly string[];
  /** Keys with a grant on any branch. */
  readonly everGranted: ReadonlySet<PublicKey>;
  readonly signatures: Map<OperationId, readonly OperationSignature[]>;
  /** Valid successors of one operation, all of them wherever there are several. */
  readonly contested: readonly OperationId[];
}

interface RotationKeys {
  readonly keys: readonly PublicKey[];
  readonly threshold: number;
}

/**
 * Walks the authority chain from its genesis.
 * @param publisher - whose
 * @param members - its authority operations
 * @param withoutEffect - receives those that change nothing
 */
export function deriveAuthority(
  publisher: PublisherId,
  members: ReadonlyMap<OperationId, AuthorityMember>,
  withoutEffect: Map<OperationId, WithoutEffect>,
): AuthorityState {
  for (const id of members.keys()) withoutEffect.set(id, "orphan");
  const signatures = new Map<OperationId, readonly OperationSignature[]>();
  const everGranted = new Set<PublicKey>();
  const signingKeys = new Map<PublicKey, SigningKeyState>();
  const genesis = members.get(fromPublisherId(publisher));
  const unknown = {
    known: false,
    rotationKeys: [],
    threshold: 0,
    signingKeys,
    domains: [],
    everGranted,
    signatures,
    contested: [],
  };
  if (genesis === undefined || genesis.operation.type !== "genesis") return unknown;
  const genesisSignatures = countingSignatures(genesis, genesis.operation);
  if (genesisSignatures.length < genesis.operation.threshold) {
    withoutEffect.set(genesis.signed.id, "unauthorised");
    return unknown;
  }
  signatures.set(genesis.signed.id, genesisSignatures);

  // Every branch is walked, so that what nodes exchange does not depend on which branch wins.
  const children = childrenByParent(members);
  const successors = new Map<OperationId, AuthorityMember[]>();
  const rotation = new Map<OperationId, RotationKeys>([[genesis.signed.id, genesis.operation]]);
  const stack: AuthorityMember[] = [genesis];
  for (let parent = stack.pop(); parent !== undefined; parent = stack.pop()) {
    const inForce = rotation.get(parent.signed.id) ?? genesis.operation;
    for (const child of children.get(parent.signed.id) ?? []) {
      const { id } = child.signed;
      const counting = countingSignatures(child, inForce);
      if (counting.length < inForce.threshold) withoutEffect.set(id, "unauthorised");
      else if (child.operation.time < parent.operation.time) withoutEffect.set(id, "misplaced");
      else {
        withoutEffect.set(id, "fork-lost");
        signatures.set(id, counting);
        rotation.set(id, child.operation.type === "rotate" ? child.operation : inForce);
        if (child.operation.type === "grant") everGranted.add(child.operation.key);
        successors.set(parent.signed.id, [...(successors.get(parent.signed.id) ?? []), child]);
        stack.push(child);
      }
    }
  }

  const domains = new Set<string>();
  let head = genesis;
  let frozen: AuthorityState["frozen"];
  for (let current: AuthorityMember | undefined = genesis; current !== undefined;) {
    head = current;
    withoutEffect.delete(head.signed.id);
    apply(head, signingKeys, domains);
    const inForce = rotation.get(head.signed.id) ?? genesis.operation;
    const rivals = highestRanked(successors.get(head.signed.id) ?? [], inForce, signatures);
    if (rivals.length > 1) {
      frozen = { parent: head.signed.id, heads: rivals.map(({ signed }) => signed.id).toSorted() };
      for (const id of frozen.heads) withoutEffect.set(id, "frozen");
    }
    current = rivals.length === 1 ? rivals[0] : undefined;
  }
  const { keys, threshold } = rotation.get(head.signed.id) ?? genesis.operation;
  return {
    known: true,
    ...(frozen === undefined ? {} : { frozen }),
    rotationKeys: keys,
    threshold,
    head: head.signed.id,
    signingKeys,
    domains: [...domains].toSorted(),
    everGranted,
    signatures,
    contested: [...successors.values()]
      .filter((rivals) => rivals.length > 1)
      .flatMap((rivals) => rivals.map(({ signed }) => signed.id))
      .toSorted(),
  };
}

function childrenByParent(members: ReadonlyMap<OperationId, AuthorityMember>): Map<OperationId, AuthorityMember[]> {
  const children = new Map<OperationId, AuthorityMember[]>();
  for (const member of members.values()) {
    if (member.operation.type === "genesis") continue;
    const siblings = children.get(member.operation.prev);
    if (siblings === undefined) children.set(member.operation.prev, [member]);
    else siblings.push(member);
  }
  return children;
}

/** Signatures by rotation keys in force, by key. */
function countingSignatures(member: AuthorityMember, inForce: RotationKeys): OperationSignature[] {
  const counting: OperationSignature[] = [];
  for (const key of inForce.keys.toSorted()) {
    const entry = member.signatures.get(key);
    if (entry !== undefined) counting.push(entry);
  }
  return counting;
}

/** Of the valid successors those whose best signer ranks highest: more than one of them is a fork without a winner. */
function highestRanked(
  rivals: readonly AuthorityMember[],
  inForce: RotationKeys,
  signatures: ReadonlyMap<OperationId, readonly OperationSignature[]>,
): AuthorityMember[] {
  let best: AuthorityMember[] = [];
  let bestRank = Number.POSITIVE_INFINITY;
  for (const rival of rivals) {
    const signers = signatures.get(rival.signed.id) ?? [];
    const rank = Math.min(...signers.map(({ key }) => inForce.keys.indexOf(key)));
    if (rank < bestRank) {
      best = [rival];
      bestRank = rank;
    } else if (rank === bestRank) best.push(rival);
  }
  return best;
}

function apply(
  { signed, operation }: AuthorityMember,
  signingKeys: Map<PublicKey, SigningKeyState>,
  domains: Set<string>,
): void {
  if (operation.type === "grant") {
    const known = signingKeys.get(operation.key);
    signingKeys.set(operation.key, { granted: signed.id, ...known, label: operation.label });
  } else if (operation.type === "revoke") {
    const known = signingKeys.get(operation.key);
    // A key that was never granted has nothing to lose; a later grant of it would be a new decision.
    if (known === undefined) return;
    if (known.revoked !== undefined && known.revoked.seq <= operation.seq) return;
    const revoked = { operation: signed.id, seq: operation.seq, head: operation.head };
    signingKeys.set(operation.key, { ...known, revoked });
  } else if (operation.type === "domain") {
    if (operation.claim) domains.add(operation.domain);
    else domains.delete(operation.domain);
  }
}
