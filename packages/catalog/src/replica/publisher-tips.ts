import {
  type OperationId,
  type PublicKey,
  type PublisherId,
  type ReleaseOperation,
  setBounded,
  type SignedOperation,
} from "@ggen/p2p-types";

import type { StoredPublisher } from "./publisher-store.ts";

/** Publishers whose ends are remembered, about 500 bytes each. */
const maxTips = 50_000;

/** Where a chain that is not forked, and whose key is not revoked, goes on. */
interface ChainEnd {
  readonly seq: number;
  readonly id: OperationId;
  /** Seconds. */
  readonly time: number;
}

/** As much of a publisher as tells whether a release simply follows what there is. */
export interface PublisherTip {
  /** Operations that are admitted. */
  readonly count: number;
  readonly authorityHead: OperationId | undefined;
  /** Ends of the chains that are open, by key; `undefined` for a key that may sign and has signed nothing. */
  readonly ends: ReadonlyMap<PublicKey, ChainEnd | undefined>;
  /** Versions that were ever yanked or unyanked. */
  readonly yanked: ReadonlySet<string>;
  /** Whether operations wait for their parents: one that comes may let them in. */
  readonly hasWaiting: boolean;
}

/** A release that follows. */
export interface FollowingRelease extends SignedOperation {
  readonly operation: ReleaseOperation;
}

const versionOf = ({ id, version }: { readonly id: string; readonly version: string }): string =>
  `${id.toLowerCase()}@${version}`;

/** What is to be remembered of a publisher that was read as a whole. */
export function tipOf({ admitted, waiting, state }: StoredPublisher): PublisherTip {
  const ends = new Map<PublicKey, ChainEnd | undefined>();
  for (const [key, { head, revoked, forkedAt }] of state.signingKeys) {
    const last = head === undefined ? undefined : admitted.get(head.id);
    if (revoked !== undefined || forkedAt !== undefined) continue;
    if (head === undefined) ends.set(key, undefined);
    else if (last !== undefined) ends.set(key, { ...head, time: last.operation.time });
  }
  const yanked = new Set<string>();
  for (const { operation } of admitted.values()) {
    if (operation.type === "yank" || operation.type === "unyank") yanked.add(versionOf(operation));
  }
  const { authorityHead } = state;
  return { count: admitted.size, authorityHead, ends, yanked, hasWaiting: waiting.length > 0 };
}

/** What {@link followsOn} found: the operations in order of their chains, and what the publisher's end is after them. */
export interface Following {
  readonly releases: readonly FollowingRelease[];
  readonly after: PublisherTip;
}

/**
 * Whether operations do no more than follow: releases of new versions, each the next link of an open chain. Of such ones
 * `derivePublisher` would say that they are admitted and valid and that nothing else has changed, so that the publisher
 * need not be read as a whole.
 * @param fresh - of one publisher, in any order
 * @param isReleased - whether the publisher has released a version, by its package in lower case
 * @returns undefined when anything has to be looked at more closely
 */
export function followsOn(
  tip: PublisherTip,
  fresh: readonly SignedOperation[],
  isReleased: (id: string, version: string) => boolean,
): Following | undefined {
  if (tip.hasWaiting) return undefined;
  const releases: FollowingRelease[] = [];
  for (const signed of fresh) {
    if (signed.operation.type !== "release") return undefined;
    releases.push({ ...signed, operation: signed.operation });
  }
  releases.sort((a, b) => a.operation.seq - b.operation.seq);
  const ends = new Map(tip.ends);
  const versions = new Set<string>();
  for (const { id, operation } of releases) {
    const { key, seq, prev, time } = operation;
    if (!ends.has(key)) return undefined;
    const end = ends.get(key);
    if (seq !== (end?.seq ?? 0) + 1 || prev !== (end?.id ?? null) || time < (end?.time ?? 0)) return undefined;
    const version = versionOf(operation);
    if (tip.yanked.has(version) || versions.has(version)) return undefined;
    if (isReleased(operation.id.toLowerCase(), operation.version)) return undefined;
    versions.add(version);
    ends.set(key, { seq, id, time });
  }
  return { releases, after: { ...tip, count: tip.count + releases.length, ends } };
}

/** Remembers the ends of the publishers that were used last. */
export class PublisherTips {
  readonly #most: number;
  readonly #tips = new Map<PublisherId, PublisherTip>();

  constructor(most: number = maxTips) {
    this.#most = most;
  }

  get(publisher: PublisherId): PublisherTip | undefined {
    const tip = this.#tips.get(publisher);
    if (tip !== undefined) this.put(publisher, tip);
    return tip;
  }

  put(publisher: PublisherId, tip: PublisherTip): void {
    this.#tips.delete(publisher);
    setBounded(this.#tips, this.#most, publisher, tip);
  }

  clear(): void {
    this.#tips.clear();
  }
}
