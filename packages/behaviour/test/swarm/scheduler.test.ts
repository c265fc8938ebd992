import type { BlockRef } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createSwarm, type Swarm, type SwarmOptions, type SwarmPlan } from "../../src/index.ts";
import { leaves } from "./simulator.ts";

const digestOf = (index: number): string => leaves(index + 1)[index]?.digest ?? "";
const mebibyte = 1024 * 1024;

/** Who is asked for which blocks, by their places in the content. */
const asked = ({ requests }: SwarmPlan): Record<string, number[]> =>
  Object.fromEntries(requests.map(({ peerId, blocks }) => [peerId, blocks.map(({ index }) => index)]));

/** A download of so many blocks with peers that are there from the start. */
function begin(count: number, peers: readonly string[], options: Partial<SwarmOptions> = {}): Swarm {
  const swarm = createSwarm(options);
  swarm.want(leaves(count));
  for (const peer of peers) swarm.join(peer, 0);
  return swarm;
}

/** A block comes and is right. */
function give(swarm: Swarm, peer: string, index: number, nowMs: number): void {
  swarm.onArrival(peer, digestOf(index), mebibyte, nowMs);
  swarm.onStored(peer, digestOf(index));
}

describe("a block", () => {
  it("is owed from when it is asked for to when it comes", () => {
    const swarm = begin(1, ["a", "b"]);
    expect(swarm.busy).toBe(false);
    expect(swarm).toMatchObject({ done: false, livePeers: 2 });
    expect(asked(swarm.plan(0))).toEqual({ a: [0] });
    expect(swarm.busy).toBe(true);
    swarm.onArrival("a", digestOf(0), mebibyte, 5);
    expect(swarm.busy).toBe(false);
    expect(swarm.done).toBe(false);
    expect(swarm.onStored("a", digestOf(0))).toBe(true);
    expect(swarm.done).toBe(true);
  });

  it("counts once, for who gave it first; a second copy is wasted", () => {
    const swarm = begin(1, ["a", "b"]);
    swarm.want(leaves(1));
    swarm.plan(0);
    expect(asked(swarm.plan(400))).toEqual({ b: [0] });
    for (const peer of ["a", "b"]) swarm.onArrival(peer, digestOf(0), mebibyte, 500);
    expect(swarm.onStored("a", digestOf(0))).toBe(true);
    expect(swarm.onStored("b", digestOf(0))).toBe(false);
    expect(swarm.done).toBe(true);
    expect(swarm.tallies()).toMatchObject([
      { peerId: "a", bytes: mebibyte, wastedBytes: 0, firstBlockMs: 500 },
      { peerId: "b", bytes: 0, wastedBytes: mebibyte, firstBlockMs: 100 },
    ]);
  });

  it("that is no leaf is no content, and is asked of whoever has anything", () => {
    const swarm = createSwarm();
    const node: BlockRef = { digest: "f".repeat(64), kind: "node", size: 300, index: 9 };
    swarm.want([node]);
    swarm.join("a", 0);
    swarm.setHave("a", new Uint8Array(2));
    expect(swarm.plan(0).requests).toEqual([{ peerId: "a", blocks: [node] }]);
    expect(swarm.onStored("a", node.digest)).toBe(true);
    expect(swarm.tallies()).toMatchObject([{ bytes: 0, wastedBytes: 0 }]);
  });

  it("that came unasked is not asked for", () => {
    const swarm = begin(2, ["a"]);
    expect(swarm.onStored("a", digestOf(0))).toBe(true);
    expect(asked(swarm.plan(0))).toEqual({ a: [1] });
  });

  it("that is being verified is not asked for again, unless it is wrong", () => {
    const swarm = begin(2, ["a", "b"], { initialWindow: 1, minWindow: 1 });
    expect(asked(swarm.plan(0))).toEqual({ a: [0], b: [1] });
    swarm.onArrival("a", digestOf(0), mebibyte, 1);
    swarm.onEnd("b", "gone");
    swarm.join("c", 2);
    expect(asked(swarm.plan(2))).toEqual({ a: [1] });
    swarm.onWrong("a", digestOf(0), "lied");
    expect(asked(swarm.plan(3))).toEqual({ c: [0] });
    expect(swarm.tallies()).toMatchObject([{ end: "lied" }, { end: "gone" }, { end: undefined }]);
  });

  it("of which one copy was wrong is not asked for while another is being verified", () => {
    const swarm = begin(1, ["a", "b", "c"]);
    swarm.plan(0);
    swarm.plan(400);
    for (const peer of ["a", "b"]) swarm.onArrival(peer, digestOf(0), mebibyte, 500);
    swarm.onWrong("a", digestOf(0), "lied");
    expect(asked(swarm.plan(501))).toEqual({});
    swarm.onWrong("b", digestOf(0), "spoilt");
    expect(asked(swarm.plan(502))).toEqual({ c: [0] });
  });

  it("that a peer lacks is asked of another, and of that peer when it says anew what it has", () => {
    const swarm = begin(1, ["a"]);
    swarm.plan(0);
    swarm.onMissing("a", digestOf(0));
    expect(swarm.join("a", 1)).toBe(true);
    expect(swarm.plan(1)).toEqual({ requests: [], drops: [], wakeAtMs: undefined });
    swarm.setHave("a", Uint8Array.of(1), true);
    expect(asked(swarm.plan(2))).toEqual({ a: [0] });
  });

  it("or peer that nobody knows changes nothing", () => {
    const swarm = begin(1, ["a"]);
    const nobody = "nobody";
    swarm.onProgress(nobody, 1);
    swarm.setHave(nobody, Uint8Array.of(1));
    for (const [peer, digest] of [[nobody, digestOf(0)] as const, ["a", "ff"] as const]) {
      swarm.onArrival(peer, digest, mebibyte, 1);
      expect(swarm.onStored(peer, digest)).toBe(false);
      swarm.onMissing(peer, digest);
    }
    swarm.onBusy(nobody, [digestOf(0)], 1);
    swarm.onWrong(nobody, digestOf(0), "lied");
    swarm.onEnd(nobody, "gone");
    expect(swarm).toMatchObject({ busy: false, done: false, livePeers: 1 });
    expect(asked(swarm.plan(1))).toEqual({ a: [0] });
    swarm.onWrong("a", "ff", "spoilt");
    expect(swarm.tallies()).toMatchObject([{ peerId: "a", bytes: 0, end: "spoilt" }]);
  });
});

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

describe("the order of what is wanted", () => {
  const two = { minWindow: 2, maxWindow: 2 };

  it("is that of the content until somebody has only a part", () => {
    const swarm = begin(8, ["whole", "part"]);
    swarm.setHave("part", Uint8Array.of(0b00001111));
    expect(asked(swarm.plan(0))["whole"]?.slice(0, 2)).toEqual([0, 2]);
  });

  it("is made anew for what is wanted later", () => {
    const swarm = begin(4, ["whole", "part"], two);
    swarm.setHave("part", Uint8Array.of(0b00111111));
    swarm.spread();
    const first = asked(swarm.plan(0))["whole"] ?? [];
    swarm.want(leaves(8));
    for (const index of first) give(swarm, "whole", index, 10);
    expect(asked(swarm.plan(10))["whole"]?.toSorted()).toEqual([6, 7]);
  });

  it("is made anew for what a peer gives back", () => {
    const swarm = begin(6, ["whole", "most", "few"], two);
    swarm.setHave("most", Uint8Array.of(0b00111111));
    swarm.setHave("few", Uint8Array.of(0b00000111));
    swarm.spread();
    swarm.onBusy("whole", [], 0);
    expect(asked(swarm.plan(0))["most"]?.every((index) => index > 2)).toBe(true);
    swarm.onEnd("most", "gone");
    const again = asked(swarm.plan(250))["whole"] ?? [];
    expect(again).toHaveLength(2);
    expect(again.every((index) => index > 2)).toBe(true);
  });
});
