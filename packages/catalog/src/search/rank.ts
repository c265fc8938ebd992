import { packageIn } from "../replica/package-document.ts";
import type { Candidate, Candidates } from "./candidates.ts";
import type { SoughtTerm } from "./match-expression.ts";
import { fieldWordsOf, relevance, type WeighedTerm } from "./relevance.ts";
import type { Statements } from "./statements.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Of each tier so many are compared word by word; the others follow them in the order of the full-text index. */
const maxCompared = 40;
/** Stands above every relevance that words alone can reach. */
const exactIdScore = 1000;
/** Those who are compared stand above those who are not. */
const comparedScore = 1;
/** What the user's own trust adds. Nothing that others can say adds anything. */
const trustedBonus = 0.05;

/** A candidate with its relevance. */
export interface Ranked extends Candidate {
  readonly relevance: number;
}

/** Gives every candidate its relevance. */
export function rank(db: Statements, { terms, found }: Candidates, vocabulary: Vocabulary): Ranked[] {
  if (terms.length === 0) return found.map((one) => ({ ...one, relevance: one.tier === 0 ? exactIdScore : 0 }));
  const weighed = weigh(db, terms, vocabulary);
  const read = db.prepare(
    `SELECT e.envelope, (t.publisher IS NOT NULL OR o.publisher IS NOT NULL) AS trusted FROM listings l
     JOIN envelopes e ON e.operation = l.operation
     LEFT JOIN owners o ON o.package = l.package AND o.publisher = l.publisher
     LEFT JOIN trust t ON t.publisher = l.publisher AND t.trusted = 1
     WHERE l.listing = ?`,
  );
  const compared = new Map<number, number>();
  const ordered = found.toSorted((a, b) => a.tier - b.tier || b.score - a.score || (a.package < b.package ? -1 : 1));
  return ordered.map((candidate, place) => {
    const { listing, tier } = candidate;
    const count = compared.get(tier) ?? 0;
    compared.set(tier, count + 1);
    if (count < maxCompared) db.goOn();
    const row = count < maxCompared ? read.get(listing) : undefined;
    // Falls with the place, and stays between 0 and what those who are compared have.
    if (row === undefined) return { ...candidate, relevance: comparedScore / (place + 2) };
    const document = fieldWordsOf(packageIn(row["envelope"] as Uint8Array));
    return {
      ...candidate,
      relevance:
        (tier === 0 ? exactIdScore : comparedScore) +
        relevance(weighed, document) * (1 + (row["trusted"] === 1 ? trustedBonus : 0)),
    };
  });
}

/** A term weighs by how rare it is: what each of its words is in, and its best variant. */
function weigh(db: Statements, terms: readonly SoughtTerm[], { listings }: Vocabulary): WeighedTerm[] {
  const total = Number(db.prepare("SELECT max(listing) AS n FROM listings").get()?.["n"] ?? 0);
  return terms.map((term) => {
    const alternatives = [term.words, ...term.variants.map(({ words }) => words)];
    const most = Math.max(...alternatives.map((words) => Math.min(...words.map(listings))));
    return { ...term, weight: Math.log(1 + (total + 1) / (most + 1)) };
  });
}
