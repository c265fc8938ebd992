import type { AskedPeers, OperationId, PublisherId } from "@ggen/p2p-types";

/** Nobody was asked. */
export const nobodyAsked: AskedPeers = { asked: [], answered: [], lacking: [] };

/** How many full nodes have to answer before "there is none" is taken for true. */
export const severalPeers = 2;

/** Publishers that one lookup asks each peer about. */
const maxPublishers = 16;

/**
 * Whose records are asked of a peer: first those that matter to this node, then those whom the peer itself named, then
 * those whom most others named, and of these the first ones of each. So no number of claimants that one peer makes up
 * crowds out whom an honest one names.
 * @param claims - whom each peer named
 */
export function publishersToAsk(
  peerId: string,
  claims: ReadonlyMap<string, ReadonlySet<PublisherId>>,
  wanted: ReadonlySet<PublisherId>,
): readonly PublisherId[] {
  const own = claims.get(peerId);
  const known = new Map<PublisherId, { readonly rank: number; votes: number; place: number }>();
  const note = (publisher: PublisherId, place: number): void => {
    const rank = wanted.has(publisher) ? 0 : own?.has(publisher) === true ? 1 : 2;
    const entry = known.get(publisher) ?? { rank, votes: 0, place };
    known.set(publisher, { rank, votes: entry.votes + 1, place: Math.min(entry.place, place) });
  };
  for (const publisher of wanted) note(publisher, 0);
  for (const found of claims.values()) for (const [place, publisher] of [...found].entries()) note(publisher, place);
  return [...known]
    .toSorted(([, a], [, b]) => a.rank - b.rank || b.votes - a.votes || a.place - b.place)
    .map(([publisher]) => publisher)
    .slice(0, maxPublishers);
}

/** Peers that did not name somebody who claims the id, as is known now. */
export function silentPeers(
  claims: ReadonlyMap<string, ReadonlySet<PublisherId>>,
  claimants: readonly PublisherId[],
): readonly string[] {
  return [...claims]
    .filter(([, found]) => claimants.some((publisher) => !found.has(publisher)))
    .map(([peerId]) => peerId);
}

/** What a peer gave of each publisher that it was asked about. */
export type Given = ReadonlyMap<PublisherId, ReadonlySet<OperationId>>;

/** The peers whose answers lack something that another one's has, though they were asked about it. */
export function lackingPeers(answers: ReadonlyMap<string, Given>): readonly string[] {
  const all = new Map<PublisherId, Set<OperationId>>();
  for (const given of answers.values()) {
    for (const [publisher, found] of given) {
      const union = all.get(publisher) ?? new Set();
      all.set(publisher, union);
      for (const id of found) union.add(id);
    }
  }
  return [...answers]
    .filter(([, given]) => [...given].some(([publisher, found]) => found.size < (all.get(publisher)?.size ?? 0)))
    .map(([peerId]) => peerId);
}
