import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { rankProviders } from "@ggen/p2p-reputation";

import type { Parts } from "../parts.ts";

/**
 * Full nodes to ask, at most so many: of different networks as far as there are some, those that served well rather than
 * others, but none for certain, so that nobody can count on being asked.
 * @param count - 1 or more
 */
export function chooseFullPeers(
  parts: Pick<Parts, "evidence" | "random">,
  network: Pick<MarketplaceBehaviour, "fullPeers" | "addressGroup">,
  count: number,
): readonly string[] {
  const ranked = rankProviders(
    network.fullPeers().map((peerId) => ({ peerId, reputation: parts.evidence.reputation(peerId) })),
    parts.random,
  );
  const groups = new Set<string>();
  const [first, others]: [string[], string[]] = [[], []];
  for (const { peerId } of ranked) {
    const group = network.addressGroup(peerId) ?? peerId;
    (groups.has(group) ? others : first).push(peerId);
    groups.add(group);
  }
  return [...first, ...others].slice(0, count);
}
