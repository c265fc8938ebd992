import { GgenError, type Query, type SearchSort } from "@ggen/p2p-types";

/** What a client may search for: characters of a text, items of a list, results of a page. */
export const queryLimits = { text: 200, items: 20, item: 100, page: 100 } as const;

/** Longest cursor that the URL has room for, in characters. */
export const maxCursorLength = 2000;
const sorts: readonly SearchSort[] = ["relevance", "name", "updated"];

/** A checked query of `/packages` or of the page. */
export interface ListQuery {
  /** For the node. */
  readonly query: Query;
  /** As the user wrote it. */
  readonly text: string;
  readonly categories: readonly string[];
  readonly tags: readonly string[];
  readonly licenses: readonly string[];
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

/** One of some words; undefined when there is none. */
function choice<T extends string>(parameters: URLSearchParams, name: string, of: readonly T[]): T | undefined {
  const value = single(parameters, name);
  if (value === undefined) return undefined;
  const found = of.find((one) => one === value);
  if (found === undefined) throw refuse(name, of.join(", "), JSON.stringify(value.slice(0, 40)));
  return found;
}

/**
 * Checks the parameters `q`, `category`, `tags`, `license`, `publisher`, `sort`, `limit`, `facets` and `cursor`; others
 * are ignored. Whether the cursor is one, the node says.
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
  const licenses = list(parameters, "license");
  const publisher = single(parameters, "publisher");
  if (publisher !== undefined && !/^ggen1[a-z2-7]{52}$/.test(publisher)) {
    throw refuse("publisher", "a whole publisher id", JSON.stringify(publisher.slice(0, 40)));
  }
  const sort = choice(parameters, "sort", sorts);
  const facets = choice(parameters, "facets", ["true", "false"]);
  const limit = single(parameters, "limit");
  if (limit !== undefined && !/^(?:[1-9]\d?|100)$/.test(limit)) {
    throw refuse("limit", `a number from 1 to ${queryLimits.page}`, JSON.stringify(limit.slice(0, 40)));
  }
  const cursor = single(parameters, "cursor");
  if (cursor !== undefined && (cursor === "" || cursor.length > maxCursorLength)) {
    throw refuse("cursor", "the `next` of an earlier page", `${cursor.length} characters`);
  }
  return {
    query: {
      ...(text === "" ? {} : { text }),
      ...(categories.length === 0 ? {} : { categories }),
      ...(tags.length === 0 ? {} : { tags }),
      ...(licenses.length === 0 ? {} : { licenses }),
      ...(publisher === undefined ? {} : { publisher }),
      ...(sort === undefined ? {} : { sort }),
      ...(limit === undefined ? {} : { limit: Number(limit) }),
      ...(facets === "true" ? { facets: true } : {}),
      ...(cursor === undefined ? {} : { cursor }),
    },
    text,
    categories,
    tags,
    licenses,
  };
}

/** The parameters of a URL as Fastify gives it, path and all. */
export function parametersOf(url: string): URLSearchParams {
  const mark = url.indexOf("?");
  return new URLSearchParams(mark === -1 ? "" : url.slice(mark + 1));
}
