import { GgenError, type PeerReputation, type RandomSource } from "@ggen/p2p-types";

/** The share of places that are drawn at random unless told otherwise. */
const defaultExploreShare = 0.25;
/** Added to every score when downloads are ranked, so that an unknown provider is asked first now and then. */
const startingScore = 0.25;
/** How sharply better providers are preferred: at 4 a perfect one precedes an unknown one in 625 draws of 626. */
const sharpness = 4;

/** What {@link selectPeers} chooses from and how. */
export interface SelectPeersParams {
  readonly candidates: readonly PeerReputation[];
  /** 0-1: no peer below it is ever chosen. */
  readonly minScore: number;
  /** Most peers to choose, 0 or more. */
  readonly limit: number;
  readonly random: RandomSource;
  /** Share of the places that are drawn among those that are not the best, 0-1; 0.25 when absent. */
  readonly exploreShare?: number;
}

/**
 * Chooses peers: the best, and for some of the places any other above the floor, so that far and new peers get a chance
 * to prove themselves. From two places on at least one is drawn unless `exploreShare` is 0.
 * @returns best first, at most `limit`, none below `minScore`
 * @throws GgenError `usage.invalid`
 */
export function selectPeers(params: SelectPeersParams): readonly PeerReputation[] {
  const { candidates, minScore, limit, random, exploreShare = defaultExploreShare } = params;
  if (!Number.isSafeInteger(limit) || limit < 0) throw refuse("limit", "a whole number, 0 or more", limit);
  if (!(minScore >= 0 && minScore <= 1)) throw refuse("minScore", "a number from 0 to 1", minScore);
  if (!(exploreShare >= 0 && exploreShare <= 1)) throw refuse("exploreShare", "a number from 0 to 1", exploreShare);
  // Shuffled before the stable sort, so that equals take turns.
  const ranked = shuffle(
    candidates.filter(({ score }) => score >= minScore),
    random,
  ).toSorted(byScore);
  if (ranked.length <= limit) return ranked;
  const drawn = limit < 2 || exploreShare === 0 ? 0 : Math.max(1, Math.floor(limit * exploreShare));
  const best = ranked.slice(0, limit - drawn);
  const others = shuffle(ranked.slice(limit - drawn), random).slice(0, drawn);
  return [...best, ...others].toSorted(byScore);
}

/**
 * Orders the providers of a content for a download: a weighted draw, in which a better score comes earlier most of the
 * time and an unknown peer sometimes. Peers that lied more often than they were right come last.
 * @param providers - any order
 */
export function rankProviders<T extends { readonly reputation: PeerReputation }>(
  providers: readonly T[],
  random: RandomSource,
): readonly T[] {
  const keyed = providers.map((provider) => {
    const { score, evidence } = provider.reputation;
    const weight = (Math.max(0, score) + startingScore) ** sharpness;
    // Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006; logarithms keep small weights apart.
    const key = Math.log(Math.max(Number.MIN_VALUE, random.number())) / weight;
    return { provider, key, liar: evidence.lies > evidence.successes };
  });
  return keyed.toSorted((a, b) => Number(a.liar) - Number(b.liar) || b.key - a.key).map(({ provider }) => provider);
}

function byScore(a: PeerReputation, b: PeerReputation): number {
  return b.score - a.score;
}

function shuffle<T>(items: readonly T[], random: RandomSource): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random.number() * (last + 1));
    [shuffled[last], shuffled[other]] = [shuffled[other] as T, shuffled[last] as T];
  }
  return shuffled;
}

function refuse(name: string, expected: string, got: number): GgenError {
  return new GgenError("usage.invalid", `${name} is not valid`, { expected, got: String(got) });
}
