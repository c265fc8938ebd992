import type { SearchAnswer } from "@ggen/p2p-behaviour";
import type { Catalog } from "@ggen/p2p-catalog";
import type { Query } from "@ggen/p2p-types";

/** What one search of a peer is answered with at most: rows, and the envelopes behind them. */
export const rowsPerAnswer = 20;
export const envelopesPerAnswer = 512;
/** A publisher of more records is left to be asked for: most have fewer, and come whole. */
const maxOfPublisher = 24;

/**
 * The answer to a peer's search: the releases found, best first, each followed by the records that prove its publishers,
 * as far as there is room.
 */
export async function answerSearch(
  catalog: Pick<Catalog, "search" | "idsOf" | "envelopes">,
  query: Query,
): Promise<SearchAnswer> {
  const limit = Math.min(query.limit ?? rowsPerAnswer, rowsPerAnswer);
  const { results, total } = await catalog.search({ ...query, limit });
  const ids = new Set<string>();
  for (const { package: found, claimants } of results) {
    if (ids.size >= envelopesPerAnswer) break;
    for (const id of catalog.idsOf({ package: found.id }, envelopesPerAnswer)) ids.add(id);
    for (const publisher of claimants) {
      const all = catalog.idsOf({ publisher }, maxOfPublisher + 1);
      if (all.length <= maxOfPublisher) for (const id of all) ids.add(id);
    }
  }
  return { envelopes: catalog.envelopes([...ids].slice(0, envelopesPerAnswer)), total };
}
