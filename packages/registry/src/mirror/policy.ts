import type { P2PConfig } from "@ggen/p2p-config";
import type { PublisherId } from "@ggen/p2p-types";

/** Whose packages a node keeps copies of for others. */
export type MirrorMode = P2PConfig["mirror"]["mode"];

/** What a node's user has to do with a publisher. */
export interface PublisherStanding {
  readonly trusted: boolean;
  /** Something of it is installed or pinned here. */
  readonly followed: boolean;
}

/** A content that is kept as a copy for others, or might be. */
export interface MirrorCopy {
  readonly cid: string;
  readonly bytes: number;
  /** Lower case. */
  readonly packageId: string;
  readonly publisher: PublisherId;
  /** Whether the user trusts or follows its publisher. */
  readonly known: boolean;
  /** Versions of the package, by the same publisher, that are newer. */
  readonly behind: number;
  /** Other peers that are known to hold it. */
  readonly holders: number;
}

/** How much is kept. */
export interface MirrorQuota {
  readonly maxBytes: number;
  /** Of one publisher whom the user neither trusts nor follows. */
  readonly strangerBytes: number;
}

/** Whether a copy is taken, and what goes for it. */
export type CopyDecision =
  | { readonly take: true; readonly drop: readonly MirrorCopy[] }
  | { readonly take: false; readonly because: string };

/** A stranger gets this part of the quota: a hundred keys of one attacker fill it, one key never does. */
const strangerShare = 1 / 16;

/** @param maxBytes - of all copies together */
export function mirrorQuota(maxBytes: number): MirrorQuota {
  return { maxBytes, strangerBytes: Math.floor(maxBytes * strangerShare) };
}

/** Whether a mode takes copies of a publisher's packages at all. */
export function isMirrored(mode: MirrorMode, { trusted, followed }: PublisherStanding): boolean {
  if (mode === "none") return false;
  return mode === "all" || (mode === "trusted" ? trusted : followed);
}

/**
 * The least needed first: of strangers, then what most others hold, then the oldest versions.
 * @returns negative when `a` goes before `b`
 */
export function byNeed(a: MirrorCopy, b: MirrorCopy): number {
  return (
    Number(a.known) - Number(b.known) ||
    b.holders - a.holders ||
    b.behind - a.behind ||
    (a.cid < b.cid ? -1 : Number(a.cid > b.cid))
  );
}

/**
 * Decides about one more copy. What is kept never changes places with what is needed as much, so that mirrors at their
 * quota settle; and a stranger never displaces what is of a known publisher.
 * @param held - every copy that is kept, `candidate` not among them
 */
export function decideCopy(candidate: MirrorCopy, held: readonly MirrorCopy[], quota: MirrorQuota): CopyDecision {
  const limit = candidate.known ? quota.maxBytes : quota.strangerBytes;
  if (candidate.bytes > limit) {
    return {
      take: false,
      because: candidate.known ? "it is larger than mirror.max_mb" : "it is larger than a stranger's share",
    };
  }
  const drop: MirrorCopy[] = [];
  if (!candidate.known) {
    const sameOwner = held.filter(({ known, publisher }) => !known && publisher === candidate.publisher);
    const within = free(sameOwner, candidate, quota.strangerBytes);
    if (within === undefined) return { take: false, because: "its publisher's share is used up" };
    drop.push(...within);
  }
  const rest = held.filter((copy) => !drop.includes(copy));
  const more = free(rest, candidate, quota.maxBytes);
  if (more === undefined) return { take: false, because: "everything that is kept is needed as much" };
  return { take: true, drop: [...drop, ...more] };
}

/** What goes when the quota shrank: the least needed, until the rest fits. */
export function overQuota(held: readonly MirrorCopy[], { maxBytes }: MirrorQuota): readonly MirrorCopy[] {
  let excess = bytesOf(held) - maxBytes;
  return held.toSorted(byNeed).filter(({ bytes }) => {
    if (excess <= 0) return false;
    excess -= bytes;
    return true;
  });
}

/** @returns what of `held` goes so that the candidate fits below `maxBytes`; undefined when it does not deserve that */
function free(held: readonly MirrorCopy[], candidate: MirrorCopy, maxBytes: number): MirrorCopy[] | undefined {
  let excess = bytesOf(held) + candidate.bytes - maxBytes;
  const drop: MirrorCopy[] = [];
  for (const copy of held.filter((kept) => isNeededLess(kept, candidate)).toSorted(byNeed)) {
    if (excess <= 0) break;
    drop.push(copy);
    excess -= copy.bytes;
  }
  return excess > 0 ? undefined : drop;
}

function isNeededLess(kept: MirrorCopy, candidate: MirrorCopy): boolean {
  if (kept.known !== candidate.known) return candidate.known;
  const samePackage = kept.publisher === candidate.publisher && kept.packageId === candidate.packageId;
  return kept.holders > candidate.holders || (samePackage && kept.behind > candidate.behind);
}

function bytesOf(copies: readonly MirrorCopy[]): number {
  return copies.reduce((sum, { bytes }) => sum + bytes, 0);
}
