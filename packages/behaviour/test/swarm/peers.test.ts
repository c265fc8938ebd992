import { describe, expect, it } from "vitest";

import { leaves } from "./simulator.ts";
import { asked, begin, digestOf, give, mebibyte } from "./small-swarm.ts";

describe("a peer", () => {
  it("that lied or broke the protocol stays out; any other may come back", () => {
    for (const reason of ["lied", "protocol", "spoilt", "gone", "stalled", "refused", "missing"] as const) {
      const swarm = begin(1, ["a"]);
      swarm.plan(0);
      swarm.onEnd("a", reason);
      swarm.onEnd("a", "gone");
      expect(swarm.tallies()).toMatchObject([{ end: reason }]);
      const stays = reason !== "lied" && reason !== "protocol";
      expect(swarm.join("a", 1)).toBe(stays);
      expect(asked(swarm.plan(1))).toEqual(stays ? { a: [0] } : {});
    }
  });

  it("that ends gives back what it owes, and only that", () => {
    const swarm = begin(4, ["a", "b"]);
    expect(asked(swarm.plan(0))).toEqual({ a: [0, 2], b: [1, 3] });
    give(swarm, "a", 0, 1);
    swarm.onEnd("a", "gone");
    swarm.join("c", 1);
    expect(Object.values(asked(swarm.plan(1))).flat()).toEqual([2]);
  });

  it("that is fast is asked first, whoever came first", () => {
    for (const [fast, slow] of [["a", "b"] as const, ["b", "a"] as const]) {
      const swarm = begin(2, ["a", "b"], { initialWindow: 1, minWindow: 1, maxWindow: 1 });
      const first = asked(swarm.plan(0));
      give(swarm, fast, first[fast]?.[0] ?? -1, 10);
      give(swarm, slow, first[slow]?.[0] ?? -1, 100);
      swarm.want(leaves(4));
      expect(asked(swarm.plan(100))).toEqual({ [fast]: [2], [slow]: [3] });
    }
  });

  it("has its smallest window from when somebody has only a part, once; so has one that comes later", () => {
    const swarm = begin(20, ["a"]);
    swarm.spread();
    const [first, second] = swarm.plan(0).requests[0]?.blocks ?? [];
    expect(swarm.plan(0).requests).toEqual([]);
    swarm.onArrival("a", first?.digest ?? "", mebibyte, 1);
    swarm.onArrival("a", second?.digest ?? "", mebibyte, 2);
    swarm.spread();
    expect(swarm.plan(2).requests[0]?.blocks).toHaveLength(4);
    swarm.join("b", 3);
    expect(swarm.plan(3).requests.map(({ peerId, blocks }) => [peerId, blocks.length])).toEqual([["b", 2]]);
  });

  it("that is busy is left alone for a while, then asked for little; what it still owes it owes since then", () => {
    const swarm = begin(20, ["a"]);
    swarm.plan(0);
    swarm.onBusy("a", [0, 1, 2, 3].map(digestOf), 1000);
    expect(swarm.plan(1249)).toMatchObject({ requests: [], wakeAtMs: 1250 });
    expect(swarm.plan(1250)).toMatchObject({ requests: [], wakeAtMs: 21_000 });
    swarm.onBusy("a", [digestOf(4)], 1300);
    expect(swarm.plan(1549).requests).toEqual([]);
    expect(asked(swarm.plan(1550))).toEqual({ a: [0] });
  });

  it("that is busy is no reason to look again when nothing is left, or when it is gone", () => {
    const swarm = begin(1, ["a", "b"]);
    swarm.plan(0);
    swarm.onBusy("a", [digestOf(0)], 0);
    expect(swarm.plan(0)).toMatchObject({ requests: [{ peerId: "b" }], wakeAtMs: 3000 });
    const alone = begin(1, ["a"]);
    alone.onBusy("a", [], 0);
    expect(alone.plan(0).wakeAtMs).toBe(250);
    alone.onEnd("a", "gone");
    expect(alone.plan(0).wakeAtMs).toBeUndefined();
  });
});

describe("a silent peer", () => {
  it("loses what it owes to others, may still give it, and is given up in the end", () => {
    const swarm = begin(4, ["a", "b"], { hedgeMs: 100_000 });
    expect(swarm.plan(0)).toMatchObject({ wakeAtMs: 3000 });
    swarm.onProgress("b", 2999);
    expect(swarm.plan(2999).requests).toEqual([]);
    expect(swarm.plan(3000)).toMatchObject({
      requests: [{ peerId: "b", blocks: [{ index: 0 }, { index: 2 }] }],
      drops: [],
      wakeAtMs: 5999,
    });
    give(swarm, "a", 0, 4000);
    expect(swarm.tallies()).toMatchObject([{ bytes: mebibyte }, { bytes: 0 }]);
    swarm.onProgress("b", 23_999);
    expect(swarm.plan(23_999).drops).toEqual([]);
    expect(swarm.plan(24_000)).toMatchObject({ requests: [], drops: [{ peerId: "a", reason: "stalled" }] });
    expect(swarm.livePeers).toBe(1);
    expect(swarm.plan(24_000)).toMatchObject({ drops: [], wakeAtMs: 43_999 });
  });

  it("whose block comes after all does not have it asked of another", () => {
    const swarm = begin(3, ["a", "b"], { initialWindow: 2, minWindow: 1, hedgeMs: 100_000 });
    expect(asked(swarm.plan(0))).toEqual({ a: [0, 2], b: [1] });
    swarm.onProgress("b", 2999);
    expect(asked(swarm.plan(3000))).toEqual({ b: [0] });
    swarm.onArrival("a", digestOf(2), mebibyte, 3001);
    give(swarm, "b", 1, 3002);
    give(swarm, "b", 0, 3003);
    expect(swarm.plan(3004).requests).toEqual([]);
  });

  it("that is the only one is waited for, and that owes nothing may be silent", () => {
    const swarm = begin(4, ["a"]);
    expect(swarm.plan(0).wakeAtMs).toBe(20_000);
    expect(swarm.plan(19_999)).toMatchObject({ requests: [], drops: [] });
    expect(swarm.plan(20_000).drops).toEqual([{ peerId: "a", reason: "stalled" }]);
    expect(swarm.livePeers).toBe(0);
    const more = begin(4, ["a"]);
    more.plan(0);
    more.plan(5000);
    more.want(leaves(6));
    expect(asked(more.plan(5001))).toEqual({ a: [4, 5] });
    const idle = begin(0, ["a", "b"]);
    expect(idle.plan(50_000)).toEqual({ requests: [], drops: [], wakeAtMs: undefined });
    expect(idle.livePeers).toBe(2);
  });
});
