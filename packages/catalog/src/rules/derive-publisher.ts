import type { AuthorityOperation, ChainOperation, OperationId, PublisherId, SignedOperation } from "@ggen/p2p-types";

import { deriveAuthority } from "./authority.ts";
import { collect, isAuthority, type Member, publisherOf } from "./operation-set.ts";
import type { PublisherState, WithoutEffect } from "./publisher-state.ts";
import { deriveChains } from "./release-chains.ts";
import { deriveReleases } from "./versions.ts";

/**
 * What a set of operations says about a publisher: a function of the set, whatever the order and however often its
 * members come. Signatures were checked before (`openEnvelope`); here it is decided who was allowed to sign.
 * @param operations - any operations; several envelopes of one operation count with all their signatures
 * @param publisher - whose state; by default the publisher of the operation with the smallest id
 * @throws RangeError when the list is empty and no publisher is given
 */
export function derivePublisher(operations: readonly SignedOperation[], publisher?: PublisherId): PublisherState {
  const members = collect(operations);
  const whose = publisher ?? defaultPublisher(members);
  const withoutEffect = new Map<OperationId, WithoutEffect>();
  const authorityMembers = new Map<OperationId, Member<AuthorityOperation>>();
  const chainMembers = new Map<OperationId, Member<ChainOperation>>();
  for (const [id, member] of members) {
    const { operation } = member;
    if (publisherOf(member.signed) !== whose) withoutEffect.set(id, "foreign");
    else if (isAuthority(operation)) authorityMembers.set(id, { ...member, operation });
    else chainMembers.set(id, { ...member, operation });
  }

  const authority = deriveAuthority(whose, authorityMembers, withoutEffect);
  const chains = deriveChains(chainMembers, authority, withoutEffect);
  const releases = deriveReleases(chains, authority.signingKeys, withoutEffect);
  return {
    publisher: whose,
    known: authority.known,
    ...(authority.frozen === undefined ? {} : { frozen: authority.frozen }),
    rotationKeys: authority.rotationKeys,
    threshold: authority.threshold,
    ...(authority.head === undefined ? {} : { authorityHead: authority.head }),
    signingKeys: authority.signingKeys,
    domains: authority.domains,
    releases,
    withoutEffect,
    admitted: new Set([...authority.signatures.keys(), ...chains.anchored]),
    authoritySignatures: authority.signatures,
    contested: authority.contested,
  };
}

function defaultPublisher(members: ReadonlyMap<OperationId, Member>): PublisherId {
  const [smallest] = [...members.keys()].toSorted();
  const member = smallest === undefined ? undefined : members.get(smallest);
  if (member === undefined) throw new RangeError("an empty set of operations has no publisher");
  return publisherOf(member.signed);
}
