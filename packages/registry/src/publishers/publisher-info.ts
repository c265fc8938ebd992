import type { PublisherId, PublisherInfo } from "@ggen/p2p-types";

import { readAuthorityChain } from "../authority/authority-chain.ts";
import { rankOf } from "../authority/place-change.ts";
import type { Parts } from "../parts.ts";

/** Every publisher that this node knows, own ones first. */
export async function listPublishers(parts: Parts): Promise<readonly PublisherInfo[]> {
  const own = await parts.keystore.list();
  const infos = parts.catalog.publishers().map(({ publisher }) => publisherInfo(parts, publisher, own));
  return infos.toSorted((a, b) => Number(b.own) - Number(a.own) || (a.publisher < b.publisher ? -1 : 1));
}

/** One publisher, with what this home holds of it. @param ownKeys - the keys in this home, of all its publishers */
export function publisherInfo(
  parts: Parts,
  publisher: PublisherId,
  ownKeys: readonly { readonly publisher: PublisherId; readonly key: string }[],
): PublisherInfo {
  const state = parts.catalog.publisherState(publisher);
  const nickname = parts.catalog.nicknameOf(publisher);
  const local = new Set(ownKeys.filter((own) => own.publisher === publisher).map(({ key }) => key));
  return {
    publisher,
    ...(nickname === undefined ? {} : { nickname }),
    trusted: parts.catalog.trusted().has(publisher),
    own: local.size > 0,
    frozen: state?.frozen !== undefined,
    signingKeys: [...(state?.signingKeys ?? [])].map(([key, { label, revoked }]) => ({
      key,
      label,
      revoked: revoked !== undefined,
      local: local.has(key),
    })),
    packages: parts.catalog.packagesOf(publisher).length,
    rotationKeys: state?.rotationKeys ?? [],
    threshold: state?.threshold ?? 0,
    domains: state?.domains ?? [],
    changes: changesOf(parts, publisher),
  };
}

function changesOf(parts: Pick<Parts, "catalog">, publisher: PublisherId): NonNullable<PublisherInfo["changes"]> {
  if (parts.catalog.publisherState(publisher)?.known !== true) return [];
  const { steps } = readAuthorityChain(parts.catalog, publisher);
  return steps.map(({ id, operation: { type, time }, signers }, place) => ({
    operation: id,
    type,
    time,
    rank: rankOf(signers, steps[Math.max(0, place - 1)] ?? { rotationKeys: [] }) + 1,
  }));
}
