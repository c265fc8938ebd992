import type { SearchRequest } from "./search-request.ts";
import type { Parameters } from "./statements.ts";

/** The filters of a request as statements take them. */
export interface Filters {
  /** A condition over a row of `listings` under a name; `TRUE` when there are none. */
  readonly condition: (alias: string) => string;
  /** The part of it about denied publishers. */
  readonly denial: (alias: string) => string;
  readonly parameters: Parameters;
  /** Whether anything but denied publishers is filtered. */
  readonly some: boolean;
  /** Whether nothing is filtered at all. */
  readonly none: boolean;
}

/** The numbers of the terms in a JSON list. */
const termsIn = (list: string): string =>
  `(SELECT term FROM terms WHERE name IN (SELECT value FROM json_each(${list})))`;

/** The numbers of the publishers in a JSON list. */
export const publishersIn = (list: string): string =>
  `(SELECT publisher FROM publishers WHERE name IN (SELECT value FROM json_each(${list})))`;

/** Which statements a request needs: of each kind of filter there is one form, whatever the values are. */
export function filtersOf(request: SearchRequest): Filters {
  const { categories, licenses, tags, publisher, denied } = request;
  const parts: ((alias: string) => string)[] = [];
  if (categories.length > 0) parts.push((l) => `${l}.category IN ${termsIn(":categories")}`);
  if (licenses.length > 0) parts.push((l) => `${l}.license IN ${termsIn(":licenses")}`);
  if (publisher !== null)
    parts.push((l) => `${l}.publisher = (SELECT publisher FROM publishers WHERE name = :publisher)`);
  if (tags.length > 0) {
    parts.push(
      (l) => `(SELECT count(*) FROM listing_tags t WHERE t.listing = ${l}.listing
        AND t.tag IN ${termsIn(":tags")}) = json_array_length(:tags)`,
    );
  }
  const some = parts.length > 0;
  const denial = (l: string): string =>
    denied.length === 0 ? "TRUE" : `${l}.publisher NOT IN ${publishersIn(":denied")}`;
  return {
    condition: (alias) => [...parts, denial].map((part) => part(alias)).join(" AND "),
    denial,
    parameters: {
      ":categories": JSON.stringify(categories),
      ":licenses": JSON.stringify(licenses),
      ":tags": JSON.stringify(tags),
      ":publisher": publisher,
      ":denied": JSON.stringify(denied),
    },
    some,
    none: !some && denied.length === 0,
  };
}

/** Every 32nd row asks whether to go on: a call out of SQLite costs more than the rest of a row. */
export function mayStop(listing: string): string {
  return `CASE WHEN ${listing} % 32 = 0 THEN keep_going(${listing}) ELSE 1 END`;
}
