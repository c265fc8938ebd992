import type { SearchSort } from "@ggen/p2p-types";

import type { Place } from "./search-request.ts";
import type { Statements } from "./statements.ts";

/** An order that the database keeps an index for. */
export interface IndexedOrder {
  /** The listings `l` in it, as an index leads to them. */
  readonly from: string;
  /** What it is ordered by. */
  readonly key: string;
  /** As ORDER BY takes it. */
  readonly by: string;
  /** What comes behind `:key` and `:after`. */
  readonly behind: string;
  /** Whether another row, `b`, of the same package comes before `l`. */
  readonly better: string;
}

const byId: IndexedOrder = {
  from: "packages p CROSS JOIN listings l ON l.package = p.package",
  key: "p.name",
  by: "p.name, l.listing",
  behind: "p.name >= :key AND (p.name > :key OR l.listing > :after)",
  better: "b.listing < l.listing",
};

const orders: Readonly<Record<SearchSort, IndexedOrder>> = {
  // Without words nothing is more relevant than anything else.
  relevance: byId,
  name: byId,
  updated: {
    from: "listings l",
    key: "l.updated",
    by: "l.updated DESC, l.listing",
    behind: "l.updated <= :key AND (l.updated < :key OR l.listing > :after)",
    better: "(b.updated > l.updated OR b.updated = l.updated AND b.listing < l.listing)",
  },
};

/** The order of a listing without words, or of one that was asked for. */
export function orderOf(sort: SearchSort): IndexedOrder {
  return orders[sort];
}

/** A row in its order. */
export interface OrderedRow {
  readonly listing: number;
  /** The number of its id. */
  readonly package: number;
  readonly key: number | string;
}

/** A part of some listings, one per id, in an order. */
export function orderListings(
  db: Statements,
  listings: readonly number[],
  { sort, after, offset, limit }: { sort: SearchSort; after: Place | null; offset: number; limit: number },
): OrderedRow[] {
  const { key, by, behind } = orderOf(sort);
  return toOrderedRows(
    db.rows(
      `SELECT l.listing, l.package, ${key} FROM json_each(:listings) j CROSS JOIN listings l ON l.listing = j.value
       CROSS JOIN packages p ON p.package = l.package WHERE ${after === null ? "TRUE" : behind} ORDER BY ${by} LIMIT :limit OFFSET :offset`,
      {
        ":listings": JSON.stringify(listings),
        ":limit": limit,
        ":offset": offset,
        ...placeParameters(after),
      },
    ),
  );
}

/** The place behind which a statement goes on. */
export function placeParameters(after: Place | null): Record<string, string | number> {
  return after === null ? {} : { ":key": after.key, ":after": after.listing };
}

/** Rows of listing, package and key. */
export function toOrderedRows(rows: ReturnType<Statements["rows"]>): OrderedRow[] {
  return rows.map(([listing, id, key]) => ({
    listing: Number(listing),
    package: Number(id),
    key: typeof key === "string" ? key : Number(key),
  }));
}
