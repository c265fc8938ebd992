import { GgenError, type PublisherId, type Query } from "@ggen/p2p-types";

import { maxQueryLength } from "../replica/limits.ts";
import { decodeCursor, type QueryIdentity } from "./cursor.ts";
import { parseQueryText } from "./query-text.ts";
import type { SearchRequest } from "./search-request.ts";

const defaultLimit = 20;
const maxLimit = 100;
const maxOffset = 1_000_000;
const maxFilters = 64;
const maxFilterLength = 100;

/** A checked query. */
export interface CheckedQuery {
  readonly request: SearchRequest;
  /** What its cursors belong to. */
  readonly identity: QueryIdentity;
}

/**
 * A query in the form that the worker takes.
 * @param denied - publishers that are not shown
 * @throws GgenError `usage.invalid`, `search.cursor`
 */
export function checkQuery(query: Query, denied: readonly PublisherId[]): CheckedQuery {
  const typed = [query.text ?? "", ...(query.keywords ?? [])];
  const length = typed.reduce((sum, part) => sum + part.length, 0);
  if (length > maxQueryLength) {
    throw new GgenError("usage.invalid", "The search text is too long", {
      expected: `at most ${maxQueryLength} characters`,
      got: `${length}`,
    });
  }
  // A lone surrogate would reach SQLite as something else than what was typed.
  const text = typed.join(" ").toWellFormed().trim();
  const categories = query.category === undefined ? [] : [query.category];
  const wanted = {
    categories: filterValues("categories", [...categories, ...(query.categories ?? [])]),
    licenses: filterValues("licenses", query.licenses ?? []),
    tags: filterValues("tags", query.tags ?? []),
    publisher: query.publisher ?? null,
    sort: query.sort ?? "relevance",
  };
  const identity: QueryIdentity = [text, ...Object.values(wanted)];
  if (query.cursor !== undefined && (query.offset ?? 0) !== 0) {
    throw new GgenError("usage.invalid", "A search takes a cursor or an offset, not both");
  }
  const byWords = wanted.sort === "relevance" && text !== "";
  const keyIs = byWords || wanted.sort === "updated" ? "number" : "string";
  return {
    request: {
      text,
      ...parseQueryText(text),
      ...wanted,
      denied,
      limit: integer("limit", query.limit ?? defaultLimit, 1, maxLimit),
      offset: integer("offset", query.offset ?? 0, 0, maxOffset),
      after: query.cursor === undefined ? null : decodeCursor(query.cursor, identity, keyIs),
      facets: query.facets ?? false,
    },
    identity,
  };
}

function integer(name: string, value: number, min: number, max: number): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new GgenError("usage.invalid", `The ${name} of a search is out of range`, {
    expected: `${min} to ${max}`,
    got: `${value}`,
  });
}

function filterValues(name: string, values: readonly string[]): string[] {
  if (values.length <= maxFilters && values.every((value) => value.length <= maxFilterLength)) {
    return [...new Set(values.map((value) => value.toWellFormed().toLowerCase()))];
  }
  throw new GgenError("usage.invalid", `The ${name} of a search are too many or too long`, {
    expected: `at most ${maxFilters} of at most ${maxFilterLength} characters`,
  });
}
