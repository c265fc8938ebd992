import { type CallOptions, GgenError, type Query, type SearchPage, type SearchResult } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { askPeers, compareAnswers, type SearchAnswers } from "./ask-peers.ts";
import { searchAbove, withHolders } from "./search-above.ts";

type Needs = Pick<
  Parts,
  "clock" | "catalog" | "config" | "evidence" | "holders" | "light" | "logger" | "network" | "survey" | "synced"
>;

/** How long a search waits for peers to say what they hold. */
const surveyWaitMs = 50;

/**
 * Searches the local catalogue; before the first sync also asks the best peers, whose records are verified and kept. A
 * light node always asks.
 * @throws GgenError `usage.invalid`, `search.cursor`, `publisher.not-found`
 */
export async function searchCatalog(parts: Needs, query: Query, { signal }: CallOptions = {}): Promise<SearchPage> {
  const limit = checkCount("limit", query.limit ?? parts.config.search.defaultLimit, 1, 100);
  const offset = checkCount("offset", query.offset ?? 0, 0, 1_000_000_000);
  const floor = query.minReputation ?? parts.config.search.minReputation;
  if (!(floor >= 0 && floor <= 1)) {
    throw new GgenError("usage.invalid", "The reputation floor is out of range", {
      expected: "0 to 1",
      got: String(floor),
    });
  }
  const { minReputation: _, publisher, ...given } = { ...query, limit };
  const wanted = {
    ...given,
    ...(publisher === undefined ? {} : { publisher: parts.catalog.resolvePublisher(publisher) }),
  };
  const { answers, position } = await askAround(parts, wanted, signal);
  const complete = parts.synced();
  const rest = (results: readonly Pick<SearchResult, "package">[]): Pick<SearchPage, "complete" | "asked"> => {
    if (answers === undefined) return { complete };
    const shown = results.map((result) => result.package.operation);
    return { complete, asked: compareAnswers(answers, shown) };
  };
  if (floor > 0) {
    const above = await searchAbove(parts, { ...wanted, offset }, floor, signal);
    return { ...above, ...rest(above.results) };
  }
  const page = await parts.catalog.search(
    position === undefined ? wanted : withoutCursor(wanted, position),
    signal === undefined ? {} : { signal },
  );
  const results = await withHolders(parts, page.results, surveyWaitMs);
  return { ...page, results, hiddenByReputation: 0, ...rest(results) };
}

type Wanted = Query & { readonly limit: number };

/**
 * Asks others, where this node does not know all by itself.
 * @returns what a light node was given, and where the page begins: a cursor goes on in what was here when it was given, and
 * what was asked for now is not among that
 */
async function askAround(
  parts: Needs,
  wanted: Wanted,
  signal: AbortSignal | undefined,
): Promise<{ readonly answers?: SearchAnswers | undefined; readonly position?: number }> {
  if (parts.synced()) return {};
  if (parts.light === undefined) {
    // A later page of a node that syncs goes on in what the first one asked for.
    if (wanted.cursor === undefined) await askPeers(parts, wanted, signal);
    return {};
  }
  // Also says what is wrong with the query, before anybody is bothered with it.
  const { position } = await parts.catalog.search(wanted, signal === undefined ? {} : { signal });
  return { answers: await askPeers(parts, withoutCursor(wanted, position), signal), position };
}

function withoutCursor(wanted: Wanted, offset: number): Wanted {
  const { cursor: _, ...query } = wanted;
  return { ...query, offset };
}

function checkCount(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new GgenError("usage.invalid", `The ${name} of a search is out of range`, {
    expected: `an integer from ${min} to ${max}`,
    got: String(value),
  });
}
