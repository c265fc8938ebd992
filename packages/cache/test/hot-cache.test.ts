import { type Clock, systemClock } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { createHotCache } from "../src/index.ts";

function manualClock(): Clock & { nowMs: number } {
  const clock = { ...systemClock, nowMs: 0, monotonic: () => clock.nowMs };
  return clock;
}

describe("hot cache", () => {
  test("counts hits and misses", () => {
    const cache = createHotCache<string, number>({ ttlMs: 100, maxEntries: 2, clock: manualClock() });
    expect(cache.stats()).toEqual({ entries: 0, hits: 0, misses: 0, hitRate: 0 });
    cache.set("a", 1);
    expect([cache.get("a"), cache.get("a"), cache.get("a"), cache.get("b")]).toEqual([1, 1, 1, undefined]);
    expect(cache.stats()).toEqual({ entries: 1, hits: 3, misses: 1, hitRate: 0.75 });
  });

  test("drops the least recently used entry", () => {
    const cache = createHotCache<string, number>({ ttlMs: 100, maxEntries: 2, clock: manualClock() });
    cache.set("a", 1);
    cache.set("b", 2);
    cache.get("a");
    cache.set("c", 3);
    expect([cache.get("a"), cache.get("b"), cache.get("c")]).toEqual([1, undefined, 3]);
  });

  test("an entry ends with its time, counted from when it was set", () => {
    const clock = manualClock();
    const cache = createHotCache<string, number>({ ttlMs: 100, maxEntries: 2, clock });
    cache.set("a", 1);
    clock.nowMs = 99;
    expect(cache.get("a")).toBe(1);
    clock.nowMs = 100;
    expect(cache.get("a")).toBeUndefined();
    expect(cache.stats().entries).toBe(0);
  });

  test("forgets on demand, and keeps nothing without a time to live", () => {
    const cache = createHotCache<string, number>({ ttlMs: 100, maxEntries: 2, clock: manualClock() });
    cache.set("a", 1);
    cache.set("b", 2);
    cache.delete("a");
    expect([cache.get("a"), cache.get("b")]).toEqual([undefined, 2]);
    cache.clear();
    expect(cache.get("b")).toBeUndefined();
    const off = createHotCache<string, number>({ ttlMs: 0, maxEntries: 2, clock: manualClock() });
    off.set("a", 1);
    expect(off.get("a")).toBeUndefined();
  });
});
