import type { BlockRef } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { createSwarm } from "../../src/index.ts";
import { leaves } from "./simulator.ts";
import { asked, begin, digestOf, give, mebibyte } from "./small-swarm.ts";

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
