import type { Query, SearchPage, SearchResult } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";

type Needs = Pick<Parts, "catalog" | "evidence" | "holders" | "survey">;

/** Most rows that are looked at to fill one page. */
const maxScanned = 1000;
const batchSize = 100;
/** How long peers have to say what they hold: a floor on their reputation is worth some patience. */
const surveyWaitMs = 500;

/**
 * A page of those results that a peer holds whose score reaches a floor: goes through the catalogue's pages until it is
 * full, or 1,000 rows were looked at. What it hides is left out of its `total`, which knows nothing of later pages.
 * @param query - `limit` and `offset` count what is shown
 * @param floor - over 0, at most 1
 */
export async function searchAbove(
  parts: Needs,
  query: Query & { readonly limit: number; readonly offset: number },
  floor: number,
  signal: AbortSignal | undefined,
): Promise<Omit<SearchPage, "complete">> {
  const { limit, offset, cursor, ...rest } = query;
  const search = (size: number, from: string | undefined): ReturnType<Needs["catalog"]["search"]> =>
    parts.catalog.search(
      { ...rest, limit: size, ...(from === undefined ? {} : { cursor: from }) },
      signal === undefined ? {} : { signal },
    );
  const kept: SearchResult[] = [];
  let [hidden, skipped, scanned] = [0, 0, 0];
  const isFull = (): boolean => kept.length === limit || scanned >= maxScanned;
  let place = cursor;
  let batch = await search(batchSize, place);
  const { results: _, next: __, ...counts } = batch;
  for (;;) {
    const before = scanned;
    for (const result of await withHolders(parts, batch.results, surveyWaitMs)) {
      if (isFull()) break;
      scanned += 1;
      if (bestHolder(parts, result) < floor) hidden += 1;
      else if (skipped < offset) skipped += 1;
      else kept.push(result);
    }
    // The page ends behind the row that was looked at last.
    if (scanned - before < batch.results.length) batch = await search(scanned - before, place);
    if (batch.next === null || isFull()) break;
    place = batch.next;
    batch = await search(batchSize, place);
  }
  return {
    ...counts,
    position: counts.position + skipped,
    total: counts.total - hidden,
    results: kept,
    next: batch.next,
    hiddenByReputation: hidden,
  };
}

/** Results with how many peers hold each. */
export async function withHolders(
  parts: Needs,
  results: readonly Omit<SearchResult, "peerCount">[],
  waitMs: number,
): Promise<SearchResult[]> {
  await parts.survey.refresh(
    results.map((result) => result.package),
    waitMs,
  );
  return results.map((result) => ({ ...result, peerCount: parts.holders.of(result.package.cid).length }));
}

/** The score of the best known holder; 0 without one. */
function bestHolder(parts: Needs, { package: { cid } }: SearchResult): number {
  return Math.max(0, ...parts.holders.of(cid).map((peer) => parts.evidence.reputation(peer).score));
}
