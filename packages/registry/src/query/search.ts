import { type CallOptions, GgenError, isGgenError, type Query, type SearchPage } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { acceptAnswer } from "./accept-answer.ts";
import { searchAbove, withHolders } from "./search-above.ts";

type Needs = Pick<Parts, "catalog" | "config" | "evidence" | "holders" | "logger" | "network" | "survey" | "synced">;

/** How long a search waits for peers to say what they hold. */
const surveyWaitMs = 50;
/** How many peers a node that is not synced yet asks beside its own catalogue. */
const askedPeers = 3;

/**
 * Searches the local catalogue; before the first sync also asks the best peers, whose records are verified and kept.
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
  const { minReputation: _, publisher, ...rest } = { ...query, limit };
  const wanted = {
    ...rest,
    ...(publisher === undefined ? {} : { publisher: parts.catalog.resolvePublisher(publisher) }),
  };
  // A later page goes on in what the first one asked for.
  if (!parts.synced() && query.cursor === undefined) await askPeers(parts, wanted, signal);
  const complete = parts.synced();
  if (floor > 0) return { ...(await searchAbove(parts, { ...wanted, offset }, floor, signal)), complete };
  const page = await parts.catalog.search(wanted, signal === undefined ? {} : { signal });
  const results = await withHolders(parts, page.results, surveyWaitMs);
  return { ...page, results, hiddenByReputation: 0, complete };
}

function checkCount(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new GgenError("usage.invalid", `The ${name} of a search is out of range`, {
    expected: `an integer from ${min} to ${max}`,
    got: String(value),
  });
}

async function askPeers(parts: Needs, query: Query, signal: AbortSignal | undefined): Promise<void> {
  const network = parts.network();
  if (network === undefined) return;
  const bounded = AbortSignal.any([AbortSignal.timeout(1500), ...(signal === undefined ? [] : [signal])]);
  const peers = network
    .connectedPeers()
    .map((peerId) => parts.evidence.reputation(peerId))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, askedPeers);
  await Promise.all(
    peers.map(async ({ peerId }) => {
      try {
        const { envelopes } = await network.searchPeer(peerId, query, bounded);
        await acceptAnswer({ ...parts, network }, peerId, envelopes, bounded);
      } catch (error) {
        if (isGgenError(error, "aborted") && signal?.aborted) throw error;
        parts.logger.log("debug", "a peer did not answer a search", { peer: peerId, error: String(error) });
      }
    }),
  );
}
