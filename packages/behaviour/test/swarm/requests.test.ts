import { describe, expect, it } from "vitest";

import { leaves } from "./simulator.ts";
import { asked, begin, digestOf, give, mebibyte } from "./small-swarm.ts";

describe("a request", () => {
  it("of a peer that owes enough is for several blocks, whoever else there is", () => {
    for (const peers of [["a"], ["a", "b", "c"]]) {
      const swarm = begin(90, peers, { initialWindow: 16 });
      const share = 24 / Math.max(peers.length, 1.5);
      for (const blocks of Object.values(asked(swarm.plan(0)))) expect(blocks).toHaveLength(share);
      const mine = Array.from({ length: share }, (_, place) => place * peers.length);
      for (const index of mine.slice(0, 3)) {
        give(swarm, "a", index, 1);
        expect(swarm.plan(1).requests).toEqual([]);
      }
      give(swarm, "a", mine[3] ?? 0, 1);
      expect(Object.values(asked(swarm.plan(1))).flat()).toHaveLength(4);
    }
  });

  it("is for one block when the peer would have little to do, or others fetch the same", () => {
    const slow = begin(20, ["a"], { initialWindow: 2 });
    slow.plan(0);
    give(slow, "a", 0, 500);
    expect(asked(slow.plan(500))).toEqual({ a: [2] });
    const spread = begin(20, ["a"], { minWindow: 8, initialWindow: 8, maxWindow: 8 });
    spread.spread();
    const [first = 0] = asked(spread.plan(0))["a"] ?? [];
    give(spread, "a", first, 1);
    expect(asked(spread.plan(1))["a"]).toHaveLength(1);
  });

  it("is for what little becomes free, of a peer that has less than half of its share", () => {
    const swarm = begin(90, ["a", "b"], { initialWindow: 16 });
    const { a: ofA = [] } = asked(swarm.plan(0));
    expect(ofA).toHaveLength(12);
    // All is under way that may be: who comes late has two at once, and then what others give back, up to four of eight.
    swarm.join("late", 0);
    expect(asked(swarm.plan(0))["late"]).toHaveLength(2);
    const plans = ofA.slice(0, 6).map((index) => {
      give(swarm, "a", index, 1);
      return Object.entries(asked(swarm.plan(1))).map(([peer, blocks]) => [peer, blocks.length]);
    });
    expect(plans).toEqual([[], [], [["late", 1]], [["late", 1]], [], []]);
  });

  it("waits while the disk is behind, also after what came unasked", () => {
    const swarm = begin(9, ["a"], { maxStoring: 1, batch: 1, initialWindow: 2, minWindow: 2, maxWindow: 2 });
    swarm.onStored("a", digestOf(0));
    expect(asked(swarm.plan(0))).toEqual({ a: [1, 2] });
    swarm.onArrival("a", digestOf(1), mebibyte, 1);
    expect(asked(swarm.plan(1))).toEqual({});
    swarm.onStored("a", digestOf(1));
    expect(asked(swarm.plan(1))).toEqual({ a: [3] });
  });

  it("waits while the disk is behind, until what came was stored, or was wrong", () => {
    const swarm = begin(60, ["a", "b"], { maxStoring: 2, batch: 1, initialWindow: 3, maxWindow: 3 });
    const arrive = (peer: string, index: number): Record<string, number[]> => {
      swarm.onArrival(peer, digestOf(index), mebibyte, 1);
      return asked(swarm.plan(1));
    };
    expect(asked(swarm.plan(0))).toEqual({ a: [0, 2, 4], b: [1, 3, 5] });
    expect(arrive("a", 0)).toEqual({ a: [6] });
    expect(arrive("b", 1)).toEqual({});
    swarm.onStored("a", digestOf(0));
    expect(asked(swarm.plan(1))).toEqual({ b: [7] });
    expect(arrive("a", 2)).toEqual({});
    swarm.onWrong("b", digestOf(1), "spoilt");
    expect(asked(swarm.plan(1))).toEqual({ a: [1] });
  });
});

describe("what is under way over all peers", () => {
  it("is bounded, but each has its smallest window; a silent peer does not count", () => {
    const swarm = begin(20, ["a"], { maxOutstanding: 4, minWindow: 1, hedgeMs: 100_000 });
    expect(asked(swarm.plan(0))).toEqual({ a: [0, 1, 2, 3] });
    expect(swarm.plan(1).requests).toEqual([]);
    swarm.join("b", 1);
    expect(asked(swarm.plan(1))).toEqual({ b: [4] });
    swarm.onProgress("b", 2999);
    expect(asked(swarm.plan(3000))).toEqual({ b: [0, 1, 2] });
  });
});

describe("at the end", () => {
  it("a block that is long owed is asked of one other peer, and no third", () => {
    const swarm = begin(1, ["a", "b", "c"]);
    expect(swarm.plan(100)).toMatchObject({ requests: [{ peerId: "a" }], wakeAtMs: 500 });
    expect(swarm.plan(499)).toMatchObject({ requests: [], wakeAtMs: 500 });
    expect(swarm.plan(500)).toMatchObject({ requests: [{ peerId: "b" }], wakeAtMs: 3100 });
    expect(swarm.plan(1000).requests).toEqual([]);
    swarm.onArrival("a", digestOf(0), mebibyte, 1000);
    expect(swarm.plan(1001).requests).toEqual([]);
    swarm.onStored("a", digestOf(0));
    expect(swarm.plan(1002).requests).toEqual([]);
  });

  it("not of one that lacks it, or is busy, or of anybody while something else is wanted", () => {
    const swarm = begin(1, ["a", "b", "c"]);
    swarm.plan(0);
    swarm.setHave("b", Uint8Array.of(0));
    swarm.onBusy("c", [], 300);
    expect(swarm.plan(400)).toMatchObject({ requests: [], wakeAtMs: 3000 });
    expect(asked(swarm.plan(550))).toEqual({ c: [0] });
    const more = begin(2, ["a", "b"], { initialWindow: 1 });
    more.setHave("a", Uint8Array.of(1));
    more.setHave("b", Uint8Array.of(1));
    expect(asked(more.plan(0))).toEqual({ a: [0] });
    expect(more.plan(400).requests).toEqual([]);
  });

  it("of a slow one only when even that may be sooner", () => {
    const swarm = begin(1, ["b"], { stallMs: 100_000, deadMs: 200_000 });
    swarm.plan(0);
    give(swarm, "b", 0, 1000);
    swarm.setHave("b", Uint8Array.of(0));
    swarm.join("a", 1000);
    swarm.want(leaves(2));
    expect(asked(swarm.plan(1000))).toEqual({ a: [1] });
    swarm.setHave("b", Uint8Array.of(3), true);
    expect(swarm.plan(1400)).toMatchObject({ requests: [], wakeAtMs: 4000 });
    expect(swarm.plan(3999).requests).toEqual([]);
    expect(asked(swarm.plan(4000))).toEqual({ b: [1] });
  });
});
