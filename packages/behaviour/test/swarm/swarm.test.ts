import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createSwarm } from "../../src/index.ts";
import { leaves, type SimulatedPeer, simulate } from "./simulator.ts";

const total = (delivered: ReadonlyMap<string, number>): number => [...delivered.values()].reduce((a, b) => a + b, 0);

describe("one provider", () => {
  it("is kept busy: the download takes no longer than its blocks do", () => {
    const result = simulate(leaves(100), [{ peerId: "a", blockMs: 10 }]);
    expect(result).toMatchObject({ done: true, endMs: 1000 });
    expect(result.delivered.get("a")).toBe(100);
  });

  it("has several blocks outstanding from the first moment", () => {
    const swarm = createSwarm();
    swarm.want(leaves(20));
    swarm.join("a", 0);
    expect(swarm.plan(0).requests[0]?.blocks.length).toBeGreaterThanOrEqual(4);
    expect(swarm.plan(0).requests).toEqual([]);
  });

  it("that stops sending is given up, and nobody else is left", () => {
    const result = simulate(leaves(10), [{ peerId: "a", blockMs: 10, stallsAfter: 3 }]);
    expect(result.done).toBe(false);
    expect(result.swarm.tallies()[0]).toMatchObject({ end: "stalled" });
    expect(result.swarm.livePeers).toBe(0);
  });

  it("that is busy is asked again after a while", () => {
    const result = simulate(leaves(10), [{ peerId: "a", blockMs: 10, busyTimes: 3 }]);
    expect(result.done).toBe(true);
  });
});

describe("several providers", () => {
  it("share the work by their speed, and waste little", () => {
    const result = simulate(leaves(120), [
      { peerId: "fast", blockMs: 10 },
      { peerId: "middle", blockMs: 20 },
      { peerId: "slow", blockMs: 40 },
    ]);
    expect(result.done).toBe(true);
    const of = (peerId: string): number => result.delivered.get(peerId) ?? 0;
    expect(of("fast")).toBeGreaterThan(of("middle"));
    expect(of("middle")).toBeGreaterThan(of("slow"));
    expect(total(result.delivered)).toBeLessThanOrEqual(120 + 4);
    // All three together need 120 / (1/10 + 1/20 + 1/40) = 686 ms.
    expect(result.endMs).toBeLessThan(900);
  });

  it("a liar wastes one block, stays out, and the others finish", () => {
    const result = simulate(leaves(60), [
      { peerId: "liar", blockMs: 5, liesFrom: 0 },
      { peerId: "honest", blockMs: 10 },
    ]);
    expect(result).toMatchObject({ done: true, lies: 1 });
    expect(result.delivered.get("liar")).toBe(1);
    expect(result.swarm.join("liar", result.endMs)).toBe(false);
  });

  it("a staller's blocks are asked elsewhere long before it is given up", () => {
    const result = simulate(leaves(40), [
      { peerId: "staller", blockMs: 10, stallsAfter: 2 },
      { peerId: "honest", blockMs: 10 },
    ]);
    expect(result.done).toBe(true);
    expect(result.endMs).toBeLessThan(5000);
  });

  it("one that joins late helps", () => {
    const alone = simulate(leaves(100), [{ peerId: "a", blockMs: 20 }]);
    const helped = simulate(leaves(100), [
      { peerId: "a", blockMs: 20 },
      { peerId: "b", blockMs: 20, joinsAtMs: 500 },
    ]);
    expect(helped.endMs).toBeLessThan(alone.endMs * 0.7);
  });

  it("a slow one does not hold up the end: its last blocks are asked of a second", () => {
    const result = simulate(leaves(20), [
      { peerId: "slow", blockMs: 2500 },
      { peerId: "fast", blockMs: 10 },
    ]);
    expect(result.done).toBe(true);
    expect(result.endMs).toBeLessThan(2500);
  });

  it("with a part each complete each other", () => {
    const result = simulate(leaves(50), [
      { peerId: "even", blockMs: 10, has: (index) => index % 2 === 0 },
      { peerId: "odd", blockMs: 10, has: (index) => index % 2 === 1 },
    ]);
    expect(result.done).toBe(true);
  });

  it("that told what they have are not asked for the rest", () => {
    const swarm = createSwarm();
    swarm.want(leaves(8));
    swarm.join("a", 0);
    swarm.setHave("a", Uint8Array.from([0b00000101]));
    const asked = swarm.plan(0).requests.flatMap(({ blocks }) => blocks.map(({ index }) => index));
    expect(asked).toEqual([0, 2]);
  });

  it("that come back after a lost connection are asked again", () => {
    const swarm = createSwarm();
    swarm.want(leaves(4));
    swarm.join("a", 0);
    swarm.plan(0);
    swarm.onEnd("a", "gone");
    expect(swarm.plan(1).requests).toEqual([]);
    expect(swarm.join("a", 2)).toBe(true);
    expect(swarm.plan(2).requests[0]?.blocks).toHaveLength(4);
  });
});

describe("any mixture of peers", () => {
  const peer = (peerId: string): fc.Arbitrary<SimulatedPeer> =>
    fc.record(
      {
        peerId: fc.constant(peerId),
        blockMs: fc.integer({ min: 1, max: 400 }),
        joinsAtMs: fc.integer({ min: 0, max: 2000 }),
        liesFrom: fc.integer({ min: 0, max: 10 }),
        stallsAfter: fc.integer({ min: 0, max: 10 }),
        leavesAfter: fc.integer({ min: 0, max: 10 }),
        busyTimes: fc.integer({ min: 0, max: 3 }),
      },
      { requiredKeys: ["peerId", "blockMs"] },
    );

  it("ends complete when one of them is honest, with at most one lie each", () => {
    const mixture = fc.tuple(peer("a"), peer("b"), peer("c"), peer("d"));
    fc.assert(
      fc.property(mixture, fc.integer({ min: 1, max: 60 }), (hostile, count) => {
        const honest = { peerId: "honest", blockMs: 50 };
        const result = simulate(leaves(count), [...hostile, honest]);
        expect(result.done).toBe(true);
        expect(result.lies).toBeLessThanOrEqual(hostile.length);
        const kept = result.swarm.tallies().reduce((sum, { bytes }) => sum + bytes, 0);
        expect(kept).toBe(count * 1024 * 1024);
      }),
      { numRuns: 200 },
    );
  });

  it("always ends", () => {
    const mixture = fc.array(
      fc.integer({ min: 0, max: 9 }).chain((n) => peer(`p${n}`)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(mixture, (peers) => {
        const distinct = [...new Map(peers.map((one) => [one.peerId, one])).values()];
        expect(simulate(leaves(30), distinct).endMs).toBeLessThan(10 * 60 * 1000);
      }),
      { numRuns: 200 },
    );
  });
});

describe("when somebody has only a part", () => {
  const count = 32;
  const bits = (has: (index: number) => boolean): Uint8Array => {
    const map = new Uint8Array(count / 8);
    for (let index = 0; index < count; index += 1) if (has(index)) map[index >> 3]! |= 1 << (index & 7);
    return map;
  };
  const askedOf = (swarm: ReturnType<typeof createSwarm>, peerId: string): number[] =>
    swarm
      .plan(0)
      .requests.flatMap((request) => (request.peerId === peerId ? request.blocks.map(({ index }) => index) : []));

  it("what few have comes first", () => {
    const swarm = createSwarm({ minWindow: 4 });
    swarm.want(leaves(count));
    for (const peer of ["whole", "first", "second"]) swarm.join(peer, 0);
    // 8-11 are with the one that has all, 0-7 with two of three, the others with everybody.
    swarm.setHave(
      "first",
      bits((index) => index < 4 || index > 11),
    );
    swarm.setHave(
      "second",
      bits((index) => (index > 3 && index < 8) || index > 11),
    );
    swarm.spread();
    expect(askedOf(swarm, "whole").toSorted((a, b) => a - b)).toEqual([8, 9, 10, 11]);
  });

  it("nodes that want the same ask its one holder for different blocks", () => {
    const firstBlocks = Array.from({ length: 8 }, (_, seed) => {
      const swarm = createSwarm({ ownId: `node ${seed}`, minWindow: 3 });
      swarm.want(leaves(count));
      swarm.join("holder", 0);
      for (let other = 0; other < 8; other += 1) {
        if (other === seed) continue;
        swarm.join(`node ${other}`, 0);
        swarm.setHave(
          `node ${other}`,
          bits(() => false),
        );
      }
      swarm.spread();
      return askedOf(swarm, "holder");
    });
    expect(firstBlocks.flat()).toHaveLength(24);
    // In the order of the content they would all be the same three; by chance there would be 17 different ones.
    expect(new Set(firstBlocks.flat()).size).toBeGreaterThan(20);
  });

  it("and not before: the order of the content is what can be hashed and read as it comes", () => {
    const swarm = createSwarm({ ownId: "node" });
    swarm.want(leaves(count));
    swarm.join("holder", 0);
    expect(askedOf(swarm, "holder")).toEqual([0, 1, 2, 3, 4, 5]);
  });
});
