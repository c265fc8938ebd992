import {
  type CallOptions,
  GgenError,
  isGgenError,
  type Query,
  type SearchPage,
  type SearchResult,
} from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { acceptAnswer } from "./accept-answer.ts";

type Needs = Pick<Parts, "catalog" | "config" | "evidence" | "holders" | "logger" | "network" | "survey" | "synced">;

/** Most rows that are looked at to fill one page when a reputation floor hides some. */
const maxScanned = 1000;
const batchSize = 100;
/** How long a search waits for peers to say what they hold; a floor on their reputation is worth more patience. */
const surveyWaitMs = 50;
const floorSurveyWaitMs = 500;
/** How many peers a node that is not synced yet asks beside its own catalogue. */
const askedPeers = 3;

/**
 * Searches the local catalogue; before the first sync also asks the best peers, whose records are verified and kept.
 * @throws GgenError `usage.invalid`
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
  if (!parts.synced()) await askPeers(parts, query, signal);

  const wide = { ...query };
  delete (wide as { minReputation?: number }).minReputation;
  if (floor === 0) {
    const page = await parts.catalog.search({ ...wide, limit, offset }, signalOption(signal));
    await parts.survey.refresh(
      page.results.map((result) => result.package),
      surveyWaitMs,
    );
    return {
      results: withHolders(parts, page.results),
      total: page.total,
      hiddenByReputation: 0,
      complete: parts.synced(),
    };
  }
  const kept: SearchResult[] = [];
  let hidden = 0;
  let total = 0;
  for (let at = 0; at < maxScanned; at += batchSize) {
    const page = await parts.catalog.search({ ...wide, limit: batchSize, offset: at }, signalOption(signal));
    total = page.total;
    await parts.survey.refresh(
      page.results.map((result) => result.package),
      floorSurveyWaitMs,
    );
    for (const result of withHolders(parts, page.results)) {
      const best = Math.max(
        0,
        ...parts.holders.of(result.package.cid).map((peer) => parts.evidence.reputation(peer).score),
      );
      if (best >= floor) kept.push(result);
      else hidden += 1;
    }
    if (at + batchSize >= total) break;
  }
  return {
    results: kept.slice(offset, offset + limit),
    total: total - hidden,
    hiddenByReputation: hidden,
    complete: parts.synced(),
  };
}

const signalOption = (signal: AbortSignal | undefined): { signal?: AbortSignal } =>
  signal === undefined ? {} : { signal };

function checkCount(name: string, value: number, min: number, max: number): number {
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  throw new GgenError("usage.invalid", `The ${name} of a search is out of range`, {
    expected: `an integer from ${min} to ${max}`,
    got: String(value),
  });
}

function withHolders(parts: Needs, results: readonly Omit<SearchResult, "peerCount">[]): SearchResult[] {
  return results.map((result) => ({ ...result, peerCount: parts.holders.of(result.package.cid).length }));
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
