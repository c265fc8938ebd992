import { maxCandidates } from "./candidates.ts";
import { filtersOf, mayStop } from "./filters.ts";
import { orderListings, orderOf, type OrderedRow, placeParameters, toOrderedRows } from "./order.ts";
import type { SearchRequest } from "./search-request.ts";
import type { Row, Statements } from "./statements.ts";
import type { Vocabulary } from "./vocabulary.ts";

/** A part of what there is, without words. */
export interface Browsed {
  /** One more than was asked for, when there are more. */
  readonly rows: readonly OrderedRow[];
  readonly total: number;
  /** Whether there are more than `total`. */
  readonly cut: boolean;
  /** One listing of each id, for the facets: all, or those that came first. */
  readonly sample: readonly number[];
}

/** Lists what passes the filters, in order, without reading more of the catalogue than it has to. */
export function browse(db: Statements, request: SearchRequest, vocabulary: Vocabulary): Browsed {
  const { some } = filtersOf(request);
  const wanted = { ...request, limit: request.limit + 1 };
  const few = some || request.facets ? probe(db, request) : undefined;
  const sample = few === undefined ? [] : onePerPackage(few.slice(0, maxCandidates));
  if (few !== undefined && few.length <= maxCandidates) {
    const listings = request.sort === "relevance" ? sample : bestPerPackage(db, few, request);
    return { rows: orderListings(db, listings, wanted), total: sample.length, cut: false, sample };
  }
  const denied = request.denied.length === 0 ? null : JSON.stringify(request.denied);
  const most = vocabulary.packages(denied);
  // Behind the end there is nothing to go through everything for.
  const rows = request.offset < most ? scan(db, wanted) : [];
  return { rows, total: some ? sample.length : most, cut: some, sample };
}

/** Up to one more than are looked at of what passes the filters, by the index that leads to the fewest. */
function probe(db: Statements, request: SearchRequest): readonly Row[] {
  const { condition, parameters } = filtersOf(request);
  const tag = rarestTag(db, request.tags);
  const from =
    tag === undefined
      ? "listings l WHERE TRUE"
      : `listing_tags d CROSS JOIN listings l ON l.listing = d.listing
         WHERE d.tag = (SELECT term FROM terms WHERE name = :tag)`;
  return db.rows(
    `SELECT l.listing, l.package FROM ${from} AND ${condition("l")} AND ${mayStop("l.listing")} LIMIT :max`,
    {
      ...parameters,
      ":tag": tag ?? null,
      ":max": maxCandidates + 1,
    },
  );
}

/** The tag that the fewest listings have. */
function rarestTag(db: Statements, tags: readonly string[]): string | undefined {
  const counted = tags.map((tag) => {
    const sql = `SELECT count(*) FROM (
      SELECT 1 FROM listing_tags WHERE tag = (SELECT term FROM terms WHERE name = :tag) LIMIT :max)`;
    return { tag, count: Number(db.row(sql, { ":tag": tag, ":max": maxCandidates })?.[0]) };
  });
  return counted.toSorted((a, b) => a.count - b.count)[0]?.tag;
}

function onePerPackage(rows: readonly Row[]): number[] {
  const first = new Map<number, number>();
  for (const [listing, id] of rows) {
    const known = first.get(Number(id));
    if (known === undefined || Number(listing) < known) first.set(Number(id), Number(listing));
  }
  return [...first.values()];
}

/** Of several claimants of an id the one that comes first in the order. */
function bestPerPackage(db: Statements, rows: readonly Row[], { sort }: SearchRequest): number[] {
  const listings = rows.map(([listing]) => Number(listing));
  const all = { sort, after: null, offset: 0, limit: listings.length };
  const first = new Map<number, number>();
  for (const row of orderListings(db, listings, all)) {
    if (!first.has(row.package)) first.set(row.package, row.listing);
  }
  return [...first.values()];
}

/** Goes through an index in its order. Of several claimants of an id the first one stands for it. */
function scan(db: Statements, request: SearchRequest): readonly OrderedRow[] {
  const { sort, after, limit, offset } = request;
  const { condition, parameters } = filtersOf(request);
  const { from, key, by, behind, better } = orderOf(sort);
  return toOrderedRows(
    db.rows(
      `SELECT l.listing, l.package, ${key} FROM ${from}
       WHERE ${after === null ? "TRUE" : behind} AND ${condition("l")} AND ${mayStop("l.listing")} AND NOT EXISTS (
         SELECT 1 FROM listings b
         WHERE b.package = l.package AND ${better} AND ${condition("b")} AND ${mayStop("b.listing")}
       )
       ORDER BY ${by} LIMIT :limit OFFSET :offset`,
      { ...parameters, ":limit": limit, ":offset": offset, ...placeParameters(after) },
    ),
  );
}
