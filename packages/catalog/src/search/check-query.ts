import { GgenError, type PublisherId, type Query } from "@ggen/p2p-types";

import { maxQueryLength } from "../replica/limits.ts";
import { parseQueryText } from "./query-text.ts";
import type { SearchRequest } from "./search-request.ts";

const defaultLimit = 20;
const maxLimit = 100;
const maxOffset = 1_000_000;
const maxFilters = 64;
const maxFilterLength = 100;

/**
 * A query in the form that the worker takes.
 * @param denied - publishers that are not shown
 * @throws GgenError `usage.invalid`
 */
export function checkQuery(query: Query, denied: readonly PublisherId[]): SearchRequest {
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
  return {
    text,
    ...parseQueryText(text),
    categories: filterValues("categories", [...categories, ...(query.categories ?? [])]),
    tags: filterValues("tags", query.tags ?? []),
    publisher: query.publisher ?? null,
    denied,
    sort: query.sort ?? "relevance",
    limit: integer("limit", query.limit ?? defaultLimit, 1, maxLimit),
    offset: integer("offset", query.offset ?? 0, 0, maxOffset),
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
