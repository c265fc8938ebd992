import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { type AskedPeers, decodeEnvelope, isGgenError, type OperationId, type Query } from "@ggen/p2p-types";

import { askAll } from "../light/ask-all.ts";
import type { LightCatalogue } from "../light/light-catalogue.ts";
import type { Parts } from "../parts.ts";
import { withinTime } from "../time-limit.ts";
import { acceptAnswer } from "./accept-answer.ts";
import { envelopesPerAnswer, rowsPerAnswer } from "./answer-search.ts";

type Needs = Pick<Parts, "catalog" | "clock" | "evidence" | "light" | "logger" | "network">;

/** How many peers a node that is not synced yet asks beside its own catalogue, and for how long, in milliseconds. */
const askedPeers = 3;
const askMs = 1500;
/** Matches behind this place cannot be asked for. */
const maxOffset = 1_000_000 - 200;

/** Resolves when it is known of a connected peer that it can be asked: right after connecting that is not so yet. */
async function untilIdentified(
  network: Pick<MarketplaceBehaviour, "connectedPeers" | "fullPeers" | "onPeer">,
  bounded: AbortSignal,
): Promise<void> {
  if (network.fullPeers().length > 0 || network.connectedPeers().length === 0) return;
  const over = Promise.withResolvers<void>();
  const stop = network.onPeer(() => {
    if (network.fullPeers().length > 0) over.resolve();
  });
  if (bounded.aborted) over.resolve();
  bounded.addEventListener("abort", () => over.resolve(), { once: true });
  await over.promise;
  stop();
}

/** What one peer gave, and whether that is all that it has. */
interface Found {
  readonly operations: ReadonlySet<OperationId>;
  readonly isAll: boolean;
}

/** Whom a light node asked for what matches a query, and what each gave. */
export interface SearchAnswers {
  readonly asked: readonly string[];
  readonly found: ReadonlyMap<string, Found>;
}

/**
 * How answers compare with what is shown of them.
 * @param shown - releases
 */
export function compareAnswers({ asked, found }: SearchAnswers, shown: readonly OperationId[]): AskedPeers {
  // What is cut off of a longer answer is no sign of anything: each node orders by what its user trusts.
  const lacking = [...found].filter(
    ([, { isAll, operations }]) => isAll && shown.some((operation) => !operations.has(operation)),
  );
  return { asked, answered: [...found.keys()], lacking: lacking.map(([peerId]) => peerId) };
}

/**
 * Asks full nodes for what matches a query, and takes in what they give.
 * @param query - `offset` counts from the first match
 * @returns whom a light node asked; undefined in another one
 */
export async function askPeers(
  parts: Needs,
  query: Query & { readonly limit: number },
  signal: AbortSignal | undefined,
): Promise<SearchAnswers | undefined> {
  if (parts.light !== undefined) return askSeveral(parts, parts.light, query, signal);
  const network = parts.network();
  if (network === undefined) return undefined;
  await withinTime(parts.clock, askMs, signal, async (bounded) => {
    await untilIdentified(network, bounded);
    const peers = network
      .fullPeers()
      .map((peerId) => parts.evidence.reputation(peerId))
      .toSorted((a, b) => b.score - a.score)
      .slice(0, askedPeers);
    await Promise.all(
      peers.map(async ({ peerId }) => {
        try {
          const { envelopes } = await network.searchPeer(peerId, query, bounded);
          await acceptAnswer({ ...parts, network }, peerId, envelopes.slice(0, envelopesPerAnswer), bounded);
        } catch (error) {
          if (isGgenError(error, "aborted") && signal?.aborted) throw error;
          parts.logger.log("debug", "a peer did not answer a search", { peer: peerId, error: String(error) });
        }
      }),
    );
  });
  return undefined;
}

async function askSeveral(
  parts: Needs,
  light: LightCatalogue,
  query: Query & { readonly limit: number },
  signal: AbortSignal = new AbortController().signal,
): Promise<SearchAnswers | undefined> {
  const network = parts.network();
  const first = query.offset ?? 0;
  if (network === undefined || network.connectedPeers().length === 0 || first > maxOffset) return undefined;
  await light.awaitPeers(network, signal);
  const asked = light.choosePeers(network);
  if (asked.length === 0) return undefined;

  const askOne = async (peerId: string, inTime: AbortSignal): Promise<Found> => {
    const operations = new Set<OperationId>();
    // One more than is shown, so that it is known whether there is another page.
    for (let offset = first; offset <= first + query.limit; offset += rowsPerAnswer) {
      const answer = await network.searchPeer(peerId, { ...query, offset, limit: rowsPerAnswer }, inTime);
      const envelopes = answer.envelopes.slice(0, envelopesPerAnswer);
      await acceptAnswer({ ...parts, network }, peerId, envelopes, inTime);
      for (const envelope of envelopes) {
        const { id } = decodeEnvelope(envelope).signed;
        if (parts.catalog.has(id)) operations.add(id);
      }
      if (answer.envelopes.length >= envelopesPerAnswer) return { operations, isAll: false };
      if (answer.total <= offset + rowsPerAnswer) return { operations, isAll: first === 0 };
    }
    return { operations, isAll: false };
  };

  const found = await askAll(asked, askOne, light.patience(asked.length, "a search", signal));
  for (const peerId of found.keys()) light.noteAnswer(peerId);
  return { asked, found };
}
