import { filtersOf, mayStop } from "./filters.ts";
import { labelExpression, matchExpression, type SoughtTerm, soughtTerms } from "./match-expression.ts";
import type { PackageNumbers } from "./package-numbers.ts";
import type { SearchRequest } from "./search-request.ts";
import type { Statements } from "./statements.ts";
import { withForms, withMisspellings } from "./variants.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** Matches that are looked at; a query of very common words is cut there, those that came last are left out. */
export const maxCandidates = 5000;
/** Those that match with slips of the fingers. */
const maxMisspelt = 500;
/** With so many that match all, no others are sought; those who match some fill up to as many. */
export const enough = 10;
/** The tier of what matches only some of the words. */
export const partTier = 3;
/** Parts of a query that are sought alone. */
const maxParts = 6;
/** Words that begin like the last one of a query and are sought one by one. */
const maxEndings = 16;
/** Of each tier so many are compared word by word: those first that have the words in their names. */
const maxCompared = 24;
/** Of them those whose last label is what was typed; and of each part of a query those of either kind. */
const maxLabelled = 10;
const maxComparedOfPart = 12;

/** A listing that matches. */
export interface Candidate {
  readonly listing: number;
  /** The number of its id. */
  readonly package: number;
  /** How it was found, the best first: 0 the exact id, 1 all words, 2 all with slips of the fingers, 3 some of them. */
  readonly tier: number;
}

/** What searches of one connection share, and remember from one to the next. */
export interface SearchIndex {
  readonly db: Statements;
  readonly vocabulary: Vocabulary;
  readonly packages: PackageNumbers;
}

/** What was found, and by which words. */
export interface Candidates {
  readonly terms: readonly SoughtTerm[];
  /** By tier, and in each in the order in which this node learnt of them. */
  readonly found: readonly Candidate[];
  /** Listings that are worth comparing word by word. */
  readonly compared: ReadonlySet<number>;
  /** Whether there are more matches than were looked at. */
  readonly cut: boolean;
}

/**
 * The listings that match: those of the exact id, of all words; where these are few, of likely slips and of some words.
 * Which they are, and which are compared, depends on nothing that was listed after `asOf`: pages stay what they were.
 */
export function findCandidates(
  { db, vocabulary, packages }: SearchIndex,
  request: SearchRequest,
  asOf: number,
): Candidates {
  const find = finder({ db, vocabulary, packages }, request, asOf);
  const found = new Map<number, Candidate>();
  const compared = new Set<number>();
  const add = (candidates: readonly Candidate[]): void => {
    for (const one of candidates) if (!found.has(one.listing)) found.set(one.listing, one);
  };
  const compare = (candidates: readonly Candidate[], max: number): void => {
    for (const { listing } of candidates) if (compared.size < max) compared.add(listing);
  };
  const answer = (terms: readonly SoughtTerm[], cut = false): Candidates => ({
    terms,
    found: [...found.values()],
    compared,
    cut,
  });

  const exact = find.ofId(request.text.toLowerCase());
  add(exact);
  compare(exact, maxCompared);
  const typed = soughtTerms(request.words, request.phrases);
  if (typed.length === 0) return answer([]);

  /** Adds what matches all of some terms, and chooses whom to compare. */
  const seek = (terms: readonly SoughtTerm[], tier: number, max: number): boolean => {
    const all = find.matching(terms, tier, max);
    const room = compared.size + maxCompared;
    if (all.length > maxCompared) {
      if (request.phrases.length === 0) {
        const labelled = find.ofLabel(request.words.join(""), tier, maxLabelled);
        add(labelled);
        compare(labelled, room);
      }
      compare(find.named(terms, tier, maxCompared), room);
    }
    add(all);
    compare(all, room);
    return all.length === max;
  };

  const forms = withForms(typed, vocabulary);
  const isCut = seek(forms, 1, maxCandidates);
  // Who types a whole id wants no other; who gets a page full needs none.
  if (exact.length > 0 || found.size >= enough) return answer(forms, isCut);
  const terms = withMisspellings(forms, vocabulary, found.size > 0);
  if (terms.some((term, place) => term !== forms[place])) seek(terms, 2, maxMisspelt);
  for (const parts of [allButOne(terms), eachAlone(terms)]) {
    if (found.size >= enough) break;
    for (const part of parts) {
      const some = [find.named, find.matching].flatMap((of) => of(part, partTier, maxComparedOfPart));
      add(some);
      compare(some, Infinity);
    }
  }
  return answer(terms);
}

interface Finder {
  /** Tier 0. @param id - lower case */
  readonly ofId: (id: string) => readonly Candidate[];
  /** @param label - lower case, without separators */
  readonly ofLabel: (label: string, tier: number, max: number) => readonly Candidate[];
  /** Those that came first of what matches all the terms. */
  readonly matching: (terms: readonly SoughtTerm[], tier: number, max: number) => readonly Candidate[];
  /** As `matching`, of those that have all the terms in their names. */
  readonly named: (terms: readonly SoughtTerm[], tier: number, max: number) => readonly Candidate[];
}

function finder({ db, vocabulary, packages }: SearchIndex, request: SearchRequest, asOf: number): Finder {
  const { condition, parameters, none } = filtersOf(request);
  const read = (sql: string, more: Record<string, string | number>): ReturnType<Statements["rows"]> =>
    db.rows(sql, { ...parameters, ":asOf": asOf, ...more });
  const endingsOf = (letters: string): string[] | undefined => {
    const words = vocabulary.beginning(letters, maxEndings + 1);
    return words.length > maxEndings ? undefined : words.map(({ word }) => word);
  };
  const ofExpression = (expression: string, tier: number, max: number): Candidate[] => {
    // Without a filter nothing of a listing is read but its number.
    const from = none ? "listing_words w" : "listing_words w CROSS JOIN listings l ON l.listing = w.rowid";
    const rows = read(
      `SELECT w.rowid FROM ${from} WHERE w.listing_words MATCH :match AND w.rowid <= :asOf
       AND ${condition("l")} AND ${mayStop("w.rowid")} ORDER BY w.rowid LIMIT :max`,
      { ":match": expression, ":max": max },
    );
    const listings = rows.map(([listing]) => Number(listing));
    const numbers = packages.of(listings);
    const found = listings.map((listing, place) => ({ listing, package: numbers[place] ?? 0, tier }));
    return found.filter((one) => one.package > 0);
  };
  const matching =
    (inName: boolean): Finder["matching"] =>
    (terms, tier, max) =>
      ofExpression(matchExpression(terms, { inName, endingsOf }), tier, max);
  return {
    ofId: (id) =>
      read(
        `SELECT l.listing, l.package FROM packages p CROSS JOIN listings l ON l.package = p.package
         WHERE p.name = :id AND l.listing <= :asOf AND ${condition("l")} AND ${mayStop("l.listing")}
         ORDER BY l.listing LIMIT :max`,
        { ":id": id, ":max": maxCandidates },
      ).map(([listing, number]) => ({ listing: Number(listing), package: Number(number), tier: 0 })),
    ofLabel: (label, tier, max) => ofExpression(labelExpression(label), tier, max),
    matching: matching(false),
    named: matching(true),
  };
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
