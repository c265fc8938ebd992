import { GgenError, type Query } from "@ggen/p2p-types";

import { decodeCursor, encodeCursor } from "./cursor.ts";

/** What a client may search for: characters of a text, items of a list, results of a page. */
export const queryLimits = { text: 200, items: 20, item: 100, page: 100 } as const;

/** A checked query of `/packages` or of the page. */
export interface ListQuery {
  /** For the node, offset and limit included. */
  readonly query: Query;
  /** As the user wrote it. */
  readonly text: string;
  readonly categories: readonly string[];
  readonly tags: readonly string[];
  readonly offset: number;
  /** The cursor of the page that begins `offset` results into this query. */
  cursorAt(offset: number): string;
}

function refuse(name: string, expected: string, got: string): GgenError {
  return new GgenError("usage.invalid", `The parameter "${name}" is not valid`, {
    expected,
    got,
    hint: "See /openapi.json.",
  });
}

function single(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) throw refuse(name, "at most one", `${values.length} of them`);
  return values[0];
}

function list(parameters: URLSearchParams, name: string): readonly string[] {
  const items = parameters
    .getAll(name)
    .flatMap((value) => value.split(","))
    .map((item) => item.trim())
    .filter((item) => item !== "");
  if (items.length > queryLimits.items) throw refuse(name, `at most ${queryLimits.items}`, `${items.length} of them`);
  const long = items.find((item) => item.length > queryLimits.item);
  if (long !== undefined) throw refuse(name, `at most ${queryLimits.item} characters each`, `${long.length} of them`);
  return items;
}

/**
 * Checks the parameters `q`, `category`, `tags`, `limit` and `cursor`; others are ignored.
 * @param parameters - of the URL
 * @throws GgenError `usage.invalid`
 */
export function parseListQuery(parameters: URLSearchParams): ListQuery {
  const text = (single(parameters, "q") ?? "").trim();
  if (text.length > queryLimits.text) {
    throw refuse("q", `at most ${queryLimits.text} characters`, `${text.length} of them`);
  }
  const categories = list(parameters, "category");
  const tags = list(parameters, "tags");
  const limit = single(parameters, "limit");
  if (limit !== undefined && !/^(?:[1-9]\d?|100)$/.test(limit)) {
    throw refuse("limit", `a number from 1 to ${queryLimits.page}`, JSON.stringify(limit.slice(0, 40)));
  }
  const identity = [text, categories, tags];
  const cursor = single(parameters, "cursor");
  const offset = cursor === undefined ? 0 : decodeCursor(cursor, identity);
  return {
    query: {
      ...(text === "" ? {} : { text }),
      ...(categories.length === 0 ? {} : { categories }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(limit === undefined ? {} : { limit: Number(limit) }),
      offset,
    },
    text,
    categories,
    tags,
    offset,
    cursorAt: (at) => encodeCursor(at, identity),
  };
}

/** The parameters of a URL as Fastify gives it, path and all. */
export function parametersOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
}
