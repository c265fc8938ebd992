import type { ChainOperation, PublicKey } from "@ggen/p2p-types";
import { compare } from "semver";

import type { Member } from "./operation-set.ts";
import type { Release, SignedRelease, SigningKeyState, WithoutEffect } from "./publisher-state.ts";
import type { ChainsState } from "./release-chains.ts";

type ChainMember = Member<ChainOperation>;

const versionKey = (operation: { readonly id: string; readonly version: string }): string =>
  `${operation.id.toLowerCase()}@${operation.version}`;

function asRelease({ signed, operation }: ChainMember): SignedRelease | undefined {
  return operation.type === "release" ? { ...signed, operation } : undefined;
}

/** The publisher's releases with what conflicts and yanks make of them. */
export function deriveReleases(
  chains: ChainsState,
  signingKeys: ReadonlyMap<PublicKey, SigningKeyState>,
  withoutEffect: Map<string, WithoutEffect>,
): Release[] {
  const yanks = deriveYanks(chains, signingKeys);
  const versions = new Map<string, SignedRelease[]>();
  for (const member of [...chains.inForce.values()].flat()) {
    const release = asRelease(member);
    if (release === undefined) continue;
    const name = versionKey(release.operation);
    const rivals = versions.get(name);
    if (rivals === undefined) versions.set(name, [release]);
    else rivals.push(release);
  }

  const releases: Release[] = [];
  const add = (operation: SignedRelease, conflicted: boolean): void => {
    const yank = yanks.get(versionKey(operation.operation));
    const status = conflicted ? "conflicted" : yank === undefined ? "valid" : "yanked";
    releases.push({ operation, status, ...(yank === undefined ? {} : { yank }) });
  };
  for (const rivals of versions.values()) {
    const [first, ...others] = rivals.toSorted(byTime);
    if (first === undefined) continue;
    const sameContent = others.every((other) => isSameContent(first, other));
    add(first, !sameContent);
    for (const other of others) {
      if (sameContent) withoutEffect.set(other.id, "duplicate");
      else add(other, true);
    }
  }
  for (const member of chains.conflicted) {
    const release = asRelease(member);
    if (release === undefined) continue;
    withoutEffect.delete(release.id);
    add(release, true);
  }
  return releases.toSorted(byVersion);
}

function byTime(a: SignedRelease, b: SignedRelease): number {
  return a.operation.time - b.operation.time || (a.id < b.id ? -1 : 1);
}

function byVersion({ operation: a }: Release, { operation: b }: Release): number {
  const left = a.operation.id.toLowerCase();
  const right = b.operation.id.toLowerCase();
  if (left !== right) return left < right ? -1 : 1;
  return compare(a.operation.version, b.operation.version) || (a.id < b.id ? -1 : 1);
}

function isSameContent({ operation: { content: a } }: SignedRelease, other: SignedRelease): boolean {
  const b = other.operation.content;
  return a.sha256 === b.sha256 && a.cid === b.cid && a.size === b.size;
}

/**
 * The versions whose yank is in force, with the reason. Each key's last word about a version counts, and between keys,
 * whose chains have no common order, a yank beats an unyank. What a revoked key said counts only while no other key has
 * spoken: otherwise nobody could take back what a lost key yanked.
 */
function deriveYanks(chains: ChainsState, signingKeys: ReadonlyMap<PublicKey, SigningKeyState>): Map<string, string> {
  const words = new Map<string, { revoked: boolean; reason: string | undefined; id: string }[]>();
  for (const [key, members] of chains.inForce) {
    const lastWords = new Map<string, { revoked: boolean; reason: string | undefined; id: string }>();
    for (const { signed, operation } of members) {
      if (operation.type === "release") continue;
      const revoked = signingKeys.get(key)?.revoked !== undefined;
      const reason = operation.type === "yank" ? operation.reason : undefined;
      lastWords.set(versionKey(operation), { revoked, reason, id: signed.id });
    }
    for (const [name, word] of lastWords) words.set(name, [...(words.get(name) ?? []), word]);
  }
  const yanks = new Map<string, string>();
  for (const [name, spoken] of words) {
    const current = spoken.filter(({ revoked }) => !revoked);
    const yank = (current.length > 0 ? current : spoken)
      .filter(({ reason }) => reason !== undefined)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))[0];
    if (yank?.reason !== undefined) yanks.set(name, yank.reason);
  }
  return yanks;
}
