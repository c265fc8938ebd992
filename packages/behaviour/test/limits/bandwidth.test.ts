import { systemClock } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type BandwidthCap, createBandwidthCap, createBandwidthCaps } from "../../src/limits/bandwidth.ts";

/** A clock that stands still until somebody sleeps. */
function createStillClock() {
  let nowMs = 5000;
  return {
    clock: { ...systemClock, monotonic: () => nowMs },
    pass: (ms: number) => {
      nowMs += ms;
    },
    now: () => nowMs,
  };
}

/** Milliseconds until so many bytes have flowed, each piece when its cap lets it. */
function flow(cap: BandwidthCap, pieces: readonly number[], time: ReturnType<typeof createStillClock>): number {
  const since = time.now();
  for (const piece of pieces) time.pass(cap.reserve(piece));
  return time.now() - since;
}

const pieces = fc.array(fc.integer({ min: 1, max: 16 * 1024 }), { minLength: 1, maxLength: 400 });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

describe("a bandwidth cap", () => {
  it("delays what is over the rate, after a burst of a quarter of a second", () => {
    const time = createStillClock();
    const cap = createBandwidthCap(time.clock, 100);
    expect(cap.reserve(25_000)).toBe(0);
    expect(cap.reserve(50_000)).toBe(0);
    expect(cap.reserve(1)).toBe(500);
    time.pass(10_000);
    expect(cap.reserve(25_000)).toBe(0);
  });

  it("holds within 10 % for any pieces that take more than five seconds", () => {
    fc.assert(
      fc.property(pieces, fc.integer({ min: 1, max: 100 }), (sizes, rest) => {
        const bytes = sum(sizes);
        const kilobytesPerSecond = Math.max(1, bytes / 5000);
        const time = createStillClock();
        const cap = createBandwidthCap(time.clock, kilobytesPerSecond);
        time.pass(rest);
        // The last piece flows for as long as it takes, too.
        const durationMs = flow(cap, [...sizes, 1], time);
        const rate = bytes / Math.max(durationMs, 1);
        fc.pre(bytes / kilobytesPerSecond >= 5000);
        expect(rate).toBeLessThanOrEqual(1.1 * kilobytesPerSecond);
        expect(rate).toBeGreaterThanOrEqual(0.9 * kilobytesPerSecond);
      }),
    );
  });

  it("of zero is none", () => {
    expect(createBandwidthCap(systemClock, 0).reserve(10 ** 12)).toBe(0);
    const caps = createBandwidthCaps(systemClock, 0, 0);
    expect([caps.node.reserve(10 ** 12), caps.of("a").reserve(10 ** 12)]).toEqual([0, 0]);
  });
});

describe("caps for a node and each peer", () => {
  it("hold for each peer apart, and for all together", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 8 }), fc.integer({ min: 10, max: 1000 }), (count, peerKbps) => {
        const nodeKbps = 3 * peerKbps;
        const time = createStillClock();
        const caps = createBandwidthCaps(time.clock, nodeKbps, peerKbps);
        const flows = Array.from({ length: count }, (_, peer) => ({
          cap: caps.of(`${peer}`),
          atMs: time.now(),
          bytes: 0,
        }));
        const since = time.now();
        const piece = 10 * peerKbps;
        // Whoever may go first goes first.
        for (let turn = 0; turn < 2000; turn += 1) {
          const next = flows.reduce((best, one) => (one.atMs < best.atMs ? one : best));
          time.pass(Math.max(0, next.atMs - time.now()));
          next.atMs = time.now() + next.cap.reserve(piece);
          next.bytes += piece;
        }
        const endMs = Math.max(...flows.map(({ atMs }) => atMs)) - since;
        const total = sum(flows.map(({ bytes }) => bytes)) / endMs;
        expect(total).toBeLessThanOrEqual(1.1 * nodeKbps);
        for (const { bytes } of flows) expect(bytes / endMs).toBeLessThanOrEqual(1.1 * peerKbps);
        expect(total).toBeGreaterThanOrEqual(0.9 * Math.min(nodeKbps, count * peerKbps));
      }),
      { numRuns: 40 },
    );
  });

  it("are remembered for a bounded number of peers: the one that was not used longest is forgotten", () => {
    const time = createStillClock();
    const caps = createBandwidthCaps(time.clock, 0, 1);
    const used = (peerId: string): boolean => caps.of(peerId).reserve(1) > 0;
    caps.of("old").reserve(10_000);
    caps.of("kept").reserve(10_000);
    for (let peer = 0; peer < 1023; peer += 1) caps.of(`${peer}`).reserve(1);
    expect(used("kept")).toBe(true);
    expect(used("old")).toBe(false);
  });
});
