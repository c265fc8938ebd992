import type { SQLOutputValue } from "node:sqlite";

import { matchExpression, type SoughtTerm, soughtTerms } from "./match-expression.ts";
import type { SearchRequest } from "./search-request.ts";
import type { Statements } from "./statements.ts";
import { withForms, withMisspellings } from "./variants.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Matches that are looked at; a query of very common words is cut there. */
const maxCandidates = 5000;
/** Those of each part of a query, when few match all of it. */
const maxPartial = 500;
/** With so many that match all, no others are sought; those who match some fill up to as many. */
export const enough = 10;
/** The tier of what matches only some of the words. */
export const partTier = 3;
/** Parts of a query that are sought alone. */
const maxParts = 6;

/** Weights of the columns id, words, title, tags, description, authors. */
const weights = "10.0, 8.0, 8.0, 4.0, 2.0, 1.0";

// Every 32nd row asks whether to go on: a call out of SQLite costs more than the rest of a row.
const filters = `
  (:categories IS NULL OR l.category IN (SELECT value FROM json_each(:categories)))
  AND (:tags IS NULL OR (
    SELECT count(*) FROM listing_tags t
    WHERE t.listing = l.listing AND t.tag IN (SELECT value FROM json_each(:tags))
  ) = json_array_length(:tags))
  AND (:publisher IS NULL OR l.publisher = :publisher)
  AND (:denied IS NULL OR l.publisher NOT IN (SELECT value FROM json_each(:denied)))
  AND CASE WHEN l.listing % 32 = 0 THEN keep_going(l.listing) ELSE 1 END`;

/** A listing that matches. */
export interface Candidate {
  readonly listing: number;
  /** Its id in lower case. */
  readonly package: string;
  readonly name: string;
  readonly updated: number;
  /** How it was found, the best first: 0 the exact id, 1 all words, 2 all with slips of the fingers, 3 some of them. */
  readonly tier: number;
  /** bm25, higher is better; compares within a tier only. */
  readonly score: number;
}

/** What was found, and by which words. */
export interface Candidates {
  readonly terms: readonly SoughtTerm[];
  readonly found: readonly Candidate[];
}

/** The filters of a request as statements take them. */
export function filterParameters(request: SearchRequest): Record<string, string | null> {
  const asJson = (list: readonly string[]): string | null => (list.length === 0 ? null : JSON.stringify(list));
  return {
    ":categories": asJson(request.categories),
    ":tags": asJson(request.tags),
    ":publisher": request.publisher,
    ":denied": asJson(request.denied),
  };
}

/** The listings that match: those of the exact id, of all words; where these are few, of likely slips and of some words. */
export function findCandidates(db: Statements, request: SearchRequest, vocabulary: Vocabulary): Candidates {
  const parameters = filterParameters(request);
  const columns = "l.listing, l.package, l.name, l.updated";
  if (request.text === "") {
    const rows = db.prepare(`SELECT ${columns}, 0 AS score FROM listings l WHERE ${filters}`).all(parameters);
    return { terms: [], found: rows.map((row) => toCandidate(row, 1)) };
  }
  const found = new Map<number, Candidate>();
  const add = (candidates: readonly Candidate[]): void => {
    for (const candidate of candidates) {
      if (!found.has(candidate.listing)) found.set(candidate.listing, candidate);
    }
  };
  const byId = db.prepare(`SELECT ${columns}, 0 AS score FROM listings l WHERE l.package = :id AND ${filters}`);
  add(byId.all({ ...parameters, ":id": request.text.toLowerCase() }).map((row) => toCandidate(row, 0)));

  const typed = soughtTerms(request.words, request.phrases);
  if (typed.length === 0) return { terms: [], found: [...found.values()] };
  const byWords = db.prepare(
    `SELECT ${columns}, -bm25(listing_words, ${weights}) AS score
     FROM listing_words CROSS JOIN listings l ON l.listing = listing_words.rowid
     WHERE listing_words MATCH :match AND ${filters} LIMIT :max`,
  );
  const match = (terms: readonly SoughtTerm[], tier: number, max: number): void =>
    add(
      byWords
        .all({ ...parameters, ":match": matchExpression(terms), ":max": max })
        .map((row) => toCandidate(row, tier)),
    );

  const forms = withForms(typed, vocabulary);
  match(forms, 1, maxCandidates);
  // Who types a whole id wants no other; who gets a page full needs none.
  const isExact = [...found.values()].some(({ tier }) => tier === 0);
  if (isExact || found.size >= enough) return { terms: forms, found: [...found.values()] };
  const terms = withMisspellings(forms, vocabulary, found.size > 0);
  match(terms, 2, maxPartial);
  for (const parts of [allButOne(terms), eachAlone(terms)]) {
    if (found.size < enough) for (const part of parts) match(part, partTier, maxPartial);
  }
  return { terms, found: [...found.values()] };
}

/** All but one of the words, each left out in turn; what is required stays. */
function allButOne(terms: readonly SoughtTerm[]): SoughtTerm[][] {
  const optional = terms.filter(({ required }) => !required).slice(0, maxParts);
  return optional.map((left) => terms.filter((term) => term !== left)).filter((part) => part.length > 0);
}

/** Each of the words alone; what is required stays. */
function eachAlone(terms: readonly SoughtTerm[]): SoughtTerm[][] {
  const required = terms.filter((term) => term.required);
  const optional = terms.filter((term) => !term.required).slice(0, maxParts);
  return optional.map((term) => [...required, term]);
}

function toCandidate(row: Record<string, SQLOutputValue>, tier: number): Candidate {
  return {
    listing: Number(row["listing"]),
    package: String(row["package"]),
    name: String(row["name"]),
    updated: Number(row["updated"]),
    tier,
    score: Number(row["score"]),
  };
}
