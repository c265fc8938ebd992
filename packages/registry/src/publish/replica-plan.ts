/** A peer that may hold a copy, and from where it is connected. */
export interface ReplicaPeer {
  readonly peerId: string;
  /** The /24 of its IPv4 address or the /48 of its IPv6 address; undefined when it is not connected. */
  readonly group: string | undefined;
}

/** A peer that proved that it holds a content. */
export interface ProvenHolder {
  readonly peerId: string;
  readonly group: string;
  /** Milliseconds since 1970 of the last proof. */
  readonly provenAt: number;
  /** Challenges in a row that it did not answer since. */
  readonly missed: number;
}

/** A holder that left so many challenges in a row unanswered is gone. One that answers wrongly is gone at once. */
const maxMissed = 2;

/**
 * Holders that count: one of each address group, the one that proved itself last. Several peers of one machine or one
 * network are lost together.
 */
export function distinctHolders(holders: readonly ProvenHolder[]): readonly ProvenHolder[] {
  const perGroup = new Map<string, ProvenHolder>();
  for (const holder of holders) {
    const other = perGroup.get(holder.group);
    if (other === undefined || other.provenAt < holder.provenAt) perGroup.set(holder.group, holder);
  }
  return [...perGroup.values()];
}

/**
 * Whom to ask for a copy: of each address group that has none yet one peer, as many as are missing and one to spare.
 * @param peers - connected, in the order of preference
 * @param excluded - peers that have just refused, failed or lied
 */
export function choosePeers(
  peers: readonly ReplicaPeer[],
  holders: readonly ProvenHolder[],
  excluded: ReadonlySet<string>,
  wanted: number,
): readonly string[] {
  const taken = new Set(distinctHolders(holders).map(({ group }) => group));
  const missing = wanted - taken.size;
  if (missing <= 0) return [];
  const chosen: string[] = [];
  for (const { peerId, group } of peers) {
    if (chosen.length > missing) break;
    if (group === undefined || taken.has(group) || excluded.has(peerId)) continue;
    taken.add(group);
    chosen.push(peerId);
  }
  return chosen;
}

/** What a challenge came to. */
export type ChallengeResult =
  | { readonly proven: true; readonly group: string }
  | { readonly proven: false; readonly lied: boolean };

/** The holders after one of them, or a new one, was challenged. @param nowMs - milliseconds since 1970 */
export function noteChallenge(
  holders: readonly ProvenHolder[],
  peerId: string,
  result: ChallengeResult,
  nowMs: number,
): readonly ProvenHolder[] {
  const others = holders.filter((holder) => holder.peerId !== peerId);
  if (result.proven) return [...others, { peerId, group: result.group, provenAt: nowMs, missed: 0 }];
  const before = holders.find((holder) => holder.peerId === peerId);
  if (before === undefined || result.lied || before.missed + 1 >= maxMissed) return others;
  return [...others, { ...before, missed: before.missed + 1 }];
}
