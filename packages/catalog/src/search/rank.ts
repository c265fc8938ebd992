import type { Candidate, Candidates } from "./candidates.ts";
import type { Listed } from "./listed.ts";
import type { SoughtTerm } from "./match-expression.ts";
import { relevance, type WeighedTerm } from "./relevance.ts";
import type { Statements } from "./statements.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Stands above every relevance that words alone can reach. */
const exactIdScore = 1000;
/** Those who are compared stand above those who are not. */
const comparedScore = 1;
/** Those who are not stand by their tiers. */
const tierScore = 0.2;
/** What the user's own trust adds. Nothing that others can say adds anything. */
const trustedBonus = 0.05;

/** A candidate with its relevance. */
export interface Ranked extends Candidate {
  readonly relevance: number;
  /** The author's time of its release; 0 where it was not looked at. */
  readonly updated: number;
}

/**
 * One row per id, the best first: those that were compared by relevance and newness; behind them the others.
 * @param weights - what each term weighs
 * @param listed - what those show that are compared
 */
export function rank(
  db: Statements,
  { terms, found }: Candidates,
  weights: readonly number[],
  listed: ReadonlyMap<number, Listed>,
): Ranked[] {
  const weighed = terms.map((term, place): WeighedTerm => ({ ...term, weight: weights[place] ?? 1 }));
  const best = new Map<number, Ranked>();
  for (const candidate of found) {
    const shows = listed.get(candidate.listing);
    if (shows === undefined) continue;
    db.goOn();
    const ranked = compared(candidate, weighed, shows);
    const known = best.get(candidate.package);
    if (known === undefined || ranked.relevance > known.relevance) best.set(candidate.package, ranked);
  }
  const ranked = [...best.values()].toSorted(byRelevance);
  // The others, of which there are thousands, are in their order already.
  const others = new Set<number>();
  for (const { listing, package: id, tier } of found) {
    if (best.has(id) || others.has(id)) continue;
    others.add(id);
    ranked.push({ listing, package: id, tier, relevance: tierScore * (4 - tier), updated: 0 });
  }
  return ranked;
}

/** The order of results: by relevance, then the newer release, then what came here first. */
export function byRelevance(
  a: Pick<Ranked, "relevance" | "updated" | "listing">,
  b: Pick<Ranked, "relevance" | "updated" | "listing">,
): number {
  return b.relevance - a.relevance || b.updated - a.updated || a.listing - b.listing;
}

function compared({ listing, package: id, tier }: Candidate, terms: readonly WeighedTerm[], shows: Listed): Ranked {
  const fitting = terms.length === 0 ? 0 : relevance(terms, shows.words());
  return {
    listing,
    package: id,
    tier,
    relevance: (tier === 0 ? exactIdScore : comparedScore) + fitting * (1 + (shows.trusted ? trustedBonus : 0)),
    updated: shows.updated,
  };
}

/** A term weighs by how rare it is: what each of its words is in, and its best variant. */
export function weigh(terms: readonly SoughtTerm[], vocabulary: Vocabulary): number[] {
  return terms.map((term) => {
    const alternatives = [term.words, ...term.variants.map(({ words }) => words)];
    const most = Math.max(...alternatives.map((words) => Math.min(...words.map(vocabulary.listings))));
    // Rounded, because the cursor of the next page carries it.
    return Math.round(1000 * Math.log(1 + (vocabulary.lastListing() + 1) / (most + 1))) / 1000;
  });
}
