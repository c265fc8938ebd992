import type { FacetCount, SearchFacets } from "@ggen/p2p-types";

import type { Row, Statements } from "./statements.ts";

/** Values of a facet that are told. */
const maxValues = 20;

/**
 * Counts listings by what they say of themselves.
 * @param listings - at most 5,000
 * @param exact - whether these are all
 */
export function countFacets(db: Statements, listings: readonly number[], exact: boolean): SearchFacets {
  const list = { ":listings": JSON.stringify(listings), ":max": maxValues };
  const chosen = "json_each(:listings) j CROSS JOIN";
  const of = (value: "category" | "license" | "publisher"): FacetCount[] =>
    toCounts(
      db.rows(
        `SELECT (SELECT name FROM ${value === "publisher" ? "publishers WHERE publisher" : "terms WHERE term"} = l.${value}),
           count(*) AS n FROM ${chosen} listings l ON l.listing = j.value
         WHERE l.${value} IS NOT NULL GROUP BY l.${value} ORDER BY n DESC, 1 LIMIT :max`,
        list,
      ),
    );
  const tags = db.rows(
    `SELECT (SELECT name FROM terms WHERE term = t.value), count(*) AS n
     FROM ${chosen} listings l ON l.listing = j.value CROSS JOIN json_each(l.tags) t
     WHERE CASE WHEN l.listing % 32 = 0 THEN keep_going(l.listing) ELSE 1 END
     GROUP BY t.value ORDER BY n DESC, 1 LIMIT :max`,
    list,
  );
  return {
    categories: of("category"),
    tags: toCounts(tags),
    licenses: of("license"),
    publishers: of("publisher"),
    exact,
  };
}

function toCounts(rows: readonly Row[]): FacetCount[] {
  return rows.map(([value, count]) => ({ value: String(value), count: Number(count) }));
}
