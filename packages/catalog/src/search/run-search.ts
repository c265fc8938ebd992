import { browse } from "./browse.ts";
import { enough, findCandidates, maxCandidates, partTier, type SearchIndex } from "./candidates.ts";
import { describePage, type PageRow } from "./describe-page.ts";
import { countFacets } from "./facets.ts";
import { createListedReader, type Listed, type ListedReader } from "./listed.ts";
import type { SoughtTerm } from "./match-expression.ts";
import { orderListings } from "./order.ts";
import { byRelevance, rank, type Ranked, weigh } from "./rank.ts";
import { openPackageNumbers } from "./package-numbers.ts";
import type { FoundRows, Place, SearchRequest } from "./search-request.ts";
import type { Statements } from "./statements.ts";
import { openVocabulary } from "./vocabulary.ts";

interface Index extends SearchIndex {
  readonly reader: ListedReader;
}

/** Searches the replica over a connection. What it returns throws Error "stopped" when the time is up. */
export function createSearch(db: Statements): (request: SearchRequest) => FoundRows {
  const index: Index = {
    db,
    vocabulary: openVocabulary(db),
    packages: openPackageNumbers(db),
    reader: createListedReader(db),
  };
  return (request) =>
    db.snapshot(() => {
      const answer = request.text === "" ? list : seek;
      const { rows, terms, listed, sample, ...found } = answer(index, request);
      const results = describePage(index, request, rows, terms, listed);
      if (!request.facets) return { ...found, results };
      const isWhole = found.totalIsLowerBound === undefined && sample.length === found.total;
      return { ...found, results, facets: countFacets(db, sample, isWhole) };
    });
}

interface Found extends Omit<FoundRows, "results" | "facets"> {
  readonly rows: readonly PageRow[];
  readonly terms: readonly SoughtTerm[];
  /** What was read of listings already. */
  readonly listed: ReadonlyMap<number, Listed>;
  /** One listing of each id, for the facets. */
  readonly sample: readonly number[];
}

/** Everything that passes the filters. */
function list({ db, vocabulary }: Index, request: SearchRequest): Found {
  const { rows, total, cut, sample } = browse(db, request, vocabulary);
  const page = rows.slice(0, request.limit);
  const position = request.after?.seen ?? request.offset;
  return {
    rows: page.map((row) => ({ package: row.package, relevance: 0 })),
    terms: [],
    listed: new Map(),
    total,
    ...(cut ? { totalIsLowerBound: true } : {}),
    position,
    sample,
    end: placeAfter(page.at(-1), rows.length > page.length, { asOf: 0, seen: position + page.length, weights: [] }),
  };
}

/** What matches the words. */
function seek({ db, vocabulary, packages, reader }: Index, request: SearchRequest): Found {
  const { after, limit, offset, sort } = request;
  const asOf = after?.asOf ?? vocabulary.lastListing();
  const candidates = findCandidates({ db, vocabulary, packages }, request, asOf);
  const { terms, cut } = candidates;
  const weights = after?.weights.length === terms.length ? after.weights : weigh(terms, vocabulary);
  const listed = reader.read([...candidates.compared]);
  const shown = withoutRest(rank(db, candidates, weights, listed));
  const position = after?.seen ?? offset;
  const sample = request.facets ? shown.slice(0, maxCandidates).map(({ listing }) => listing) : [];
  const bound = cut ? { totalIsLowerBound: true as const } : {};
  const all = { terms, listed, total: shown.length, ...bound, position, sample };
  const fixed = { asOf, weights };
  if (sort === "relevance") {
    const start = after === null ? offset : firstBehind(shown, after);
    const page = shown.slice(start, start + limit);
    const last = page.at(-1);
    const key = last === undefined ? undefined : { ...last, key: last.relevance };
    return {
      ...all,
      rows: toPageRows(page, candidates.found),
      end: placeAfter(key, start + page.length < shown.length, { ...fixed, seen: position + page.length }),
    };
  }
  const relevances = new Map(shown.map((row) => [row.listing, row.relevance]));
  const rows = orderListings(db, [...relevances.keys()], { sort, after, offset, limit: limit + 1 });
  const page = rows.slice(0, limit);
  return {
    ...all,
    rows: toPageRows(
      page.map((row) => ({ ...row, relevance: relevances.get(row.listing) ?? 0 })),
      candidates.found,
    ),
    end: placeAfter(page.at(-1), rows.length > limit, { ...fixed, seen: position + page.length }),
  };
}

/** What matches only some of the words fills up a first page, the best of it, and no more. */
function withoutRest(found: readonly Ranked[]): readonly Ranked[] {
  let whole = 0;
  for (const { tier } of found) if (tier < partTier) whole += 1;
  if (whole === found.length) return found;
  let room = Math.max(0, enough - whole);
  return found.filter(({ tier }) => tier < partTier || room-- > 0);
}

/** Where the page begins that follows a place. */
function firstBehind(shown: readonly Ranked[], { key, updated, listing }: Place): number {
  const place = { relevance: Number(key), updated, listing };
  const start = shown.findIndex((row) => byRelevance(row, place) > 0);
  return start === -1 ? shown.length : start;
}

/** The rows of a page with all that was found of their ids. */
function toPageRows(
  page: readonly Pick<Ranked, "package" | "relevance">[],
  found: readonly Pick<Ranked, "package" | "listing">[],
): PageRow[] {
  const listings = new Map<number, number[]>(page.map((row) => [row.package, []]));
  for (const one of found) listings.get(one.package)?.push(one.listing);
  return page.map((row) => ({
    package: row.package,
    relevance: row.relevance,
    listings: listings.get(row.package) ?? [],
  }));
}

function placeAfter(
  last: { readonly key: number | string; readonly updated?: number; readonly listing: number } | undefined,
  isMore: boolean,
  rest: Pick<Place, "asOf" | "seen" | "weights">,
): Place | null {
  if (last === undefined || !isMore) return null;
  return { ...rest, key: last.key, updated: last.updated ?? 0, listing: last.listing };
}
