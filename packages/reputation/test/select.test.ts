import { isGgenError, type PeerReputation, type RandomSource } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { emptyEvidence, rankProviders, selectPeers } from "../src/index.ts";

/** Mulberry32: small, seeded, good enough for choices. */
function seeded(seed: number): RandomSource {
  let state = seed;
  const number = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return { number, bytes: (length) => Uint8Array.from({ length }, () => Math.floor(number() * 256)) };
}

function peer(peerId: string, score: number, counts: { lies?: number; successes?: number } = {}): PeerReputation {
  const factors = { successRate: score, responseTimeScore: 0, availabilityScore: 0, recencyScore: 0, geoBonus: 0 };
  return { peerId, score, ...factors, evidence: { ...emptyEvidence, ...counts } };
}

const twenty = Array.from({ length: 20 }, (_, index) => peer(`p${index}`, index / 20));

describe("selectPeers", () => {
  it("never chooses below the floor, never more than asked, none twice, best first", () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(
        scores,
        share,
        fc.nat({ max: 50 }),
        share,
        fc.integer(),
        (all, minScore, limit, exploreShare, seed) => {
          const candidates = all.map((score, index) => peer(`p${index}`, score));
          const chosen = selectPeers({ candidates, minScore, limit, exploreShare, random: seeded(seed) });
          const above = candidates.filter(({ score }) => score >= minScore);
          expect(chosen).toHaveLength(Math.min(limit, above.length));
          expect(new Set(chosen).size).toBe(chosen.length);
          expect(chosen.every(({ score }) => score >= minScore)).toBe(true);
          expect(chosen.map(({ score }) => score)).toEqual(chosen.map(({ score }) => score).toSorted((a, b) => b - a));
        },
      ),
    );
  });

  it("always holds the best, and draws the other places among all that remain", () => {
    const seen = new Set<string>();
    const random = seeded(7);
    for (let round = 0; round < 400; round++) {
      const chosen = selectPeers({ candidates: twenty, minScore: 0.25, limit: 4, random }).map(({ peerId }) => peerId);
      expect(chosen.slice(0, 3)).toEqual(["p19", "p18", "p17"]);
      seen.add(chosen[3] ?? "");
    }
    expect(seen.size).toBe(12);
    expect(seen.has("p4")).toBe(false);
  });

  it("gives only the best when nothing is to be explored, and for a single place", () => {
    const random = seeded(1);
    const best = selectPeers({ candidates: twenty, minScore: 0, limit: 3, random, exploreShare: 0 });
    expect(best.map(({ peerId }) => peerId)).toEqual(["p19", "p18", "p17"]);
    expect(selectPeers({ candidates: twenty, minScore: 0, limit: 1, random })[0]?.peerId).toBe("p19");
  });

  it("lets equals take turns", () => {
    const random = seeded(3);
    const equals = [peer("a", 0.5), peer("b", 0.5), peer("c", 0.5)];
    const first = new Set(
      Array.from({ length: 60 }, () => selectPeers({ candidates: equals, minScore: 0, limit: 1, random })[0]?.peerId),
    );
    expect(first).toEqual(new Set(["a", "b", "c"]));
  });

  it.each([
    { limit: -1, minScore: 0, exploreShare: 0 },
    { limit: 1.5, minScore: 0, exploreShare: 0 },
    { limit: 1, minScore: Number.NaN, exploreShare: 0 },
    { limit: 1, minScore: 0, exploreShare: 2 },
  ])("refuses %o", (numbers) => {
    expect(() => selectPeers({ candidates: twenty, random: seeded(1), ...numbers })).toThrow(
      expect.toSatisfy((error: unknown) => isGgenError(error, "usage.invalid")),
    );
  });
});

describe("rankProviders", () => {
  const providers = [peer("good", 0.9), peer("fair", 0.5), peer("unknown", 0)].map((reputation) => ({ reputation }));
  const firsts = (count: number, seed: number): Map<string, number> => {
    const random = seeded(seed);
    const counts = new Map<string, number>();
    for (let round = 0; round < count; round++) {
      const name = rankProviders(providers, random)[0]?.reputation.peerId ?? "";
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    return counts;
  };

  it("puts the better first most of the time, and starves nobody in the end", () => {
    const counts = firsts(20_000, 11);
    expect(counts.get("good")).toBeGreaterThan(15_000);
    expect(counts.get("fair")).toBeGreaterThan(2000);
    expect(counts.get("unknown")).toBeGreaterThan(10);
  });

  it("keeps every provider exactly once", () => {
    expect(new Set(rankProviders(providers, seeded(5)))).toEqual(new Set(providers));
    expect(rankProviders([], seeded(5))).toEqual([]);
  });

  it("puts liars last whatever they score", () => {
    const all = [{ reputation: peer("liar", 0.9, { lies: 2, successes: 1 }) }, ...providers];
    for (let seed = 0; seed < 50; seed++) {
      expect(rankProviders(all, seeded(seed)).at(-1)?.reputation.peerId).toBe("liar");
    }
  });
});
