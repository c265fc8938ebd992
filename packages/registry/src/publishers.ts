import {
  GgenError,
  type NewRotationKey,
  parseRef,
  type Package,
  type PublisherId,
  type PublisherInfo,
  sealOperation,
} from "@ggen/p2p-types";

import { readAuthorityChain } from "./authority/authority-chain.ts";
import { rankOf } from "./authority/place-change.ts";
import { checkNickname } from "./keys/nickname.ts";
import type { Parts } from "./parts.ts";
import type { Announcer } from "./publish/announcer.ts";
import { appendOwn, createPublisher, findOwnKey, nextOperation, releasesOf } from "./publish/publisher-identity.ts";

/** Every publisher that this node knows, own ones first. */
export async function listPublishers(parts: Parts): Promise<readonly PublisherInfo[]> {
  const own = await parts.keystore.list();
  const infos = parts.catalog.publishers().map(({ publisher }) => publisherInfo(parts, publisher, own));
  return infos.toSorted((a, b) => Number(b.own) - Number(a.own) || (a.publisher < b.publisher ? -1 : 1));
}

function publisherInfo(
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

/** A publisher that was just made: its words are shown once and kept nowhere. */
export interface InitResult {
  readonly publisher: PublisherId;
  readonly recoveryWords: string;
  readonly rotationKeys: readonly NewRotationKey[];
}

/**
 * Makes a publisher with a key in this home.
 * @param nickname - what this node calls it
 * @param count - rotation keys, and how many of them sign together; 1 and 1 when absent
 * @throws GgenError `usage.invalid`
 */
export async function initPublisher(
  parts: Parts,
  nickname: string | undefined,
  count: { readonly keys?: number; readonly threshold?: number } = {},
): Promise<InitResult> {
  if (nickname !== undefined) checkNickname(nickname);
  const { own, recoveryWords, rotationKeys } = await createPublisher(parts, nickname ?? "first key", count);
  if (nickname !== undefined) parts.catalog.setTrust(own.publisher, { trusted: true, nickname });
  return { publisher: own.publisher, recoveryWords, rotationKeys };
}

/**
 * Trusts a publisher, or no longer.
 * @throws GgenError `publisher.not-found`, `usage.invalid`
 */
export async function trustPublisher(
  parts: Parts,
  params: { readonly publisher: string; readonly nickname?: string; readonly trusted: boolean },
): Promise<PublisherInfo> {
  const publisher = parts.catalog.resolvePublisher(params.publisher);
  if (params.nickname !== undefined) checkNickname(params.nickname);
  parts.catalog.setTrust(publisher, {
    trusted: params.trusted,
    ...(params.nickname === undefined ? {} : { nickname: params.nickname }),
  });
  return publisherInfo(parts, publisher, await parts.keystore.list());
}

/**
 * Withdraws a version of our own, or takes that back.
 * @param params - `ref` names one version exactly
 * @throws GgenError `ref.invalid`, `package.version-not-found`, `publish.no-key`
 */
export async function setYanked(
  parts: Parts,
  announcer: Announcer,
  params: { readonly ref: string; readonly reason: string; readonly yanked: boolean },
): Promise<Package> {
  const ref = parseRef(params.ref);
  const own = await findOwnKey(parts);
  const mine = own === undefined ? [] : releasesOf(parts.catalog, ref.id, own.publisher);
  const release = mine.find(({ version }) => version === ref.range);
  if (own === undefined || release === undefined) {
    throw new GgenError("package.version-not-found", `This home's publisher has no release ${params.ref}`, {
      expected: "ID@VERSION of a release of your own",
      got: mine.map(({ version }) => version).join(", ") || "none",
    });
  }
  if ((release.yanked !== undefined) === params.yanked) return release;
  const link = { ...nextOperation(parts, own), id: release.id, version: release.version };
  const signed = sealOperation(
    params.yanked ? { ...link, type: "yank", reason: params.reason.slice(0, 500) } : { ...link, type: "unyank" },
    [own.signer],
  );
  await appendOwn(parts, [signed]);
  await announcer.announce(signed.id, { signal: undefined, replicas: 0 });
  return parts.catalog.release(release.operation) ?? release;
}
