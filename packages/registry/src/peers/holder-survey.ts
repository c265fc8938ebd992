import { createHotCache } from "@ggen/p2p-cache";
import type { Package } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { withinTime } from "../time-limit.ts";

/** Contents that one call asks about, and peers that are asked about each. */
const maxContents = 20;
const maxPeers = 8;
const maxRemembered = 10_000;
const answerMs = 5000;

/** Keeps the memory of holders fresh by asking connected peers what they hold. */
export interface HolderSurvey {
  /**
   * Asks about contents that were not asked about lately, and waits for the answers, but not for long.
   * @param maxWaitMs - milliseconds; answers that come later are remembered too
   */
  refresh(packages: readonly Pick<Package, "cid" | "size">[], maxWaitMs: number): Promise<void>;
}

type Needs = Pick<Parts, "clock" | "config" | "evidence" | "holders" | "logger" | "network">;

/** @param parts - answers last for `cache.ttl_minutes` */
export function createHolderSurvey(parts: Needs): HolderSurvey {
  const asked = createHotCache<string, true>({
    ttlMs: parts.config.cache.ttlMinutes * 60_000,
    maxEntries: maxRemembered,
    clock: parts.clock,
  });

  const ask = async (peerId: string, content: Pick<Package, "cid" | "size">): Promise<void> => {
    const network = parts.network();
    if (network === undefined) return;
    const startMs = parts.clock.monotonic();
    try {
      const holds = await withinTime(parts.clock, answerMs, undefined, (signal) =>
        network.holds(peerId, content, signal),
      );
      parts.evidence.success(peerId, { ms: parts.clock.monotonic() - startMs, bytes: 0 });
      if (holds) parts.holders.add(content.cid, peerId);
      else parts.holders.remove(content.cid, peerId);
    } catch (error) {
      parts.logger.log("debug", "a peer did not say what it holds", { peer: peerId, error: String(error) });
    }
  };

  return {
    async refresh(packages, maxWaitMs) {
      const network = parts.network();
      if (network === undefined) return;
      const peers = network
        .connectedPeers()
        .map((peerId) => parts.evidence.reputation(peerId))
        .toSorted((a, b) => b.score - a.score)
        .slice(0, maxPeers);
      const questions: Promise<void>[] = [];
      for (const content of packages.slice(0, maxContents)) {
        for (const { peerId } of peers) {
          const name = `${peerId} ${content.cid}`;
          if (asked.get(name) !== undefined) continue;
          asked.set(name, true);
          questions.push(ask(peerId, content));
        }
      }
      if (questions.length === 0) return;
      const waited = new AbortController();
      await Promise.race([
        Promise.all(questions),
        parts.clock.sleep(maxWaitMs, waited.signal).catch(() => undefined),
      ]).finally(() => waited.abort());
    },
  };
}
