import type { ChainOperation, OperationId, PublicKey } from "@ggen/p2p-types";

import type { AuthorityState } from "./authority.ts";
import type { Member } from "./operation-set.ts";
import type { WithoutEffect } from "./publisher-state.ts";

type ChainMember = Member<ChainOperation>;

/** What the release chains say, all keys together. */
export interface ChainsState {
  /** Operations in force, per key in order of their numbers. */
  readonly inForce: ReadonlyMap<PublicKey, readonly ChainMember[]>;
  /** Operations at or after a fork of their chain. */
  readonly conflicted: readonly ChainMember[];
  /** Operations whose ancestry is here and whose key was granted on some branch. */
  readonly anchored: ReadonlySet<OperationId>;
}

/**
 * Follows the release chain of every key.
 * @param members - the publisher's releases, yanks and unyanks
 * @param authority - which keys may sign; receives the head and the fork of each
 * @param withoutEffect - receives those that change nothing
 */
export function deriveChains(
  members: ReadonlyMap<OperationId, ChainMember>,
  authority: AuthorityState,
  withoutEffect: Map<OperationId, WithoutEffect>,
): ChainsState {
  const inForce = new Map<PublicKey, readonly ChainMember[]>();
  const conflicted: ChainMember[] = [];
  const anchored = new Set<OperationId>();
  for (const [key, chain] of byKey(members, withoutEffect)) {
    const levels = anchorChain(chain, members, withoutEffect);
    if (!authority.everGranted.has(key)) {
      // The grant may still come: until then nobody can tell these from a stranger's.
      for (const { signed } of levels.flat()) withoutEffect.set(signed.id, authority.known ? "not-granted" : "orphan");
      continue;
    }
    for (const { signed } of levels.flat()) anchored.add(signed.id);
    const state = authority.signingKeys.get(key);
    if (state === undefined) {
      for (const { signed } of levels.flat()) withoutEffect.set(signed.id, "not-granted");
      continue;
    }
    if (state.revoked !== undefined) {
      inForce.set(key, upToRevocation(levels, state.revoked, withoutEffect));
    } else {
      const forkedAt = levels.findIndex((level) => level.length > 1) + 1;
      const end = forkedAt === 0 ? levels.length : forkedAt - 1;
      inForce.set(key, levels.slice(0, end).flat());
      for (const member of levels.slice(end).flat()) {
        withoutEffect.set(member.signed.id, "conflicted");
        conflicted.push(member);
      }
      const [one, other] = (levels[forkedAt - 1] ?? []).map(({ signed }) => signed.id).toSorted();
      if (one !== undefined && other !== undefined) {
        authority.signingKeys.set(key, { ...state, forkedAt, forkedBy: [one, other] });
      }
    }
    const head = inForce.get(key)?.at(-1);
    const current = authority.signingKeys.get(key) ?? state;
    if (head !== undefined) {
      authority.signingKeys.set(key, { ...current, head: { seq: head.operation.seq, id: head.signed.id } });
    }
  }
  return { inForce, conflicted, anchored };
}

function byKey(
  members: ReadonlyMap<OperationId, ChainMember>,
  withoutEffect: Map<OperationId, WithoutEffect>,
): Map<PublicKey, ChainMember[]> {
  const chains = new Map<PublicKey, ChainMember[]>();
  for (const member of members.values()) {
    const { key } = member.operation;
    if (!member.signatures.has(key)) {
      withoutEffect.set(member.signed.id, "unauthorised");
      continue;
    }
    const chain = chains.get(key);
    if (chain === undefined) chains.set(key, [member]);
    else chain.push(member);
  }
  return chains;
}

/** The operations of one key that follow their parents from number 1 on, by number; the others have no effect. */
function anchorChain(
  chain: readonly ChainMember[],
  members: ReadonlyMap<OperationId, ChainMember>,
  withoutEffect: Map<OperationId, WithoutEffect>,
): ChainMember[][] {
  const levels: ChainMember[][] = [];
  const placed = new Set<OperationId>();
  for (const member of chain.toSorted((a, b) => a.operation.seq - b.operation.seq)) {
    const { signed, operation } = member;
    const parent = operation.prev === null ? undefined : members.get(operation.prev);
    if (operation.prev !== null && (parent === undefined || !placed.has(operation.prev))) {
      const known = parent !== undefined && parent.operation.key !== operation.key;
      withoutEffect.set(signed.id, known ? "misplaced" : "orphan");
      continue;
    }
    const follows =
      parent === undefined || (operation.seq === parent.operation.seq + 1 && operation.time >= parent.operation.time);
    if (!follows) {
      withoutEffect.set(signed.id, "misplaced");
      continue;
    }
    placed.add(signed.id);
    const level = levels[operation.seq - 1];
    if (level === undefined) levels[operation.seq - 1] = [member];
    else level.push(member);
  }
  return levels;
}

/** The named head and its ancestors; what a thief signed beside or beyond them has no effect and forks nothing. */
function upToRevocation(
  levels: readonly ChainMember[][],
  revoked: { readonly seq: number; readonly head: OperationId | null },
  withoutEffect: Map<OperationId, WithoutEffect>,
): ChainMember[] {
  const line: ChainMember[] = [];
  let wanted = revoked.head;
  for (let seq = revoked.seq; seq > 0; seq--) {
    const member = levels[seq - 1]?.find(({ signed }) => signed.id === wanted);
    if (member === undefined) break;
    line.push(member);
    wanted = member.operation.prev;
  }
  const complete = line.length === revoked.seq;
  const kept = new Set(complete ? line.map(({ signed }) => signed.id) : []);
  for (const { signed, operation } of levels.flat()) {
    if (kept.has(signed.id)) continue;
    // Below a head that has not come yet nobody can tell which operations are its ancestors.
    withoutEffect.set(signed.id, !complete && operation.seq <= revoked.seq ? "orphan" : "revoked");
  }
  return complete ? line.toReversed() : [];
}
