import { describe, expect, it } from "vitest";

import { CopyQueue, type CopyQueueOptions, type WantedCopy } from "../../src/mirror/copy-queue.ts";

const wanted = (cid: string, publisher = cid, known = true): WantedCopy => ({
  cid,
  publisher,
  operation: cid,
  bytes: 1000,
  known,
});

/** Numbers in [0, 1) that look random and are the same in every run. */
function seeded(seed: number): { number(): number } {
  let state = seed;
  return {
    number() {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    },
  };
}
const queue = (options: Partial<CopyQueueOptions> = {}): CopyQueue =>
  new CopyQueue({ delayMs: 60_000, maxActive: 2, kbps: 0, random: { number: () => 0.5 }, ...options });
/** Everything that is due, taken. */
function takeAll(from: CopyQueue, nowMs: number): string[] {
  const cids: string[] = [];
  for (let next = from.take(nowMs); next !== undefined; next = from.take(nowMs)) cids.push(next.cid);
  return cids;
}

it("a hundred nodes that hear of one release ask for it one after the other", () => {
  const random = seeded(1);
  const starts = Array.from({ length: 100 }, () => {
    const each = queue({ random });
    each.offer(wanted("release"), 0);
    expect(each.take(29_999)).toBeUndefined();
    return each.nextMs() ?? Number.NaN;
  });
  expect(Math.max(...starts)).toBeLessThanOrEqual(60_000);
  const perSecond = new Map<number, number>();
  for (const start of starts) {
    const second = Math.floor(start / 1000);
    perSecond.set(second, (perSecond.get(second) ?? 0) + 1);
  }
  // Without the random wait all hundred would be in one.
  expect(Math.max(...perSecond.values())).toBeLessThan(15);
});

describe("a queue", () => {
  it("takes few at once, and one of a publisher", () => {
    const copies = queue({ delayMs: 0 });
    for (const cid of ["a1", "a2", "b1", "c1"]) copies.offer(wanted(cid, cid[0]), 0);
    expect(takeAll(copies, 0)).toEqual(["a1", "b1"]);
    expect(copies.nextMs()).toBeUndefined();
    copies.done("a1", 0, 0);
    expect(takeAll(copies, 0)).toEqual(["a2"]);
    expect(copies.size).toBe(3);
  });

  it("leaves a place for known publishers however many strangers are slow", () => {
    const copies = queue({ delayMs: 0 });
    for (const cid of ["x", "y", "z"]) copies.offer(wanted(cid, cid, false), 0);
    copies.offer(wanted("friend"), 1);
    expect(takeAll(copies, 1)).toEqual(["x", "friend"]);
  });

  it("lets what a peer asks for go first, and what is asked for twice come once", () => {
    const copies = queue();
    copies.offer(wanted("later"), 0);
    copies.offer(wanted("asked"), 0);
    expect(copies.offer(wanted("asked"), 0, true)).toBe(true);
    expect(copies.nextMs()).toBe(375);
    expect(takeAll(copies, 400)).toEqual(["asked"]);
    expect(copies.offer(wanted("asked"), 400, true)).toBe(true);
    expect(takeAll(copies, 400)).toEqual([]);
  });

  it("keeps to its rate", () => {
    const copies = queue({ delayMs: 0, kbps: 100 });
    for (const cid of ["a", "b", "c"]) copies.offer(wanted(cid), 0);
    expect(takeAll(copies, 0)).toEqual(["a", "b"]);
    copies.done("a", 0, 100_000);
    expect(takeAll(copies, 999)).toEqual([]);
    expect(copies.nextMs()).toBe(1000);
    expect(takeAll(copies, 1000)).toEqual(["c"]);
  });

  it("tries again what failed, later each time, and gives it up at last", () => {
    const copies = queue({ delayMs: 0 });
    copies.offer(wanted("junk"), 0);
    const waits: number[] = [];
    for (let nowMs = 0; copies.size > 0;) {
      expect(takeAll(copies, nowMs)).toEqual(["junk"]);
      copies.failed("junk", nowMs);
      const next = copies.nextMs();
      if (next === undefined) break;
      waits.push(next - nowMs);
      nowMs = next;
    }
    expect(waits).toEqual([22_500, 90_000, 360_000, 1_440_000]);
    expect(copies.size).toBe(0);
  });

  it("goes on soon with what was interrupted, which is no failure", () => {
    const copies = queue({ delayMs: 0 });
    copies.offer(wanted("a"), 0);
    for (let round = 0; round < 20; round += 1) {
      const nowMs = round * 1000;
      expect(takeAll(copies, nowMs)).toEqual(["a"]);
      copies.interrupted("a", nowMs);
    }
    expect(copies.size).toBe(1);
  });

  it("has places for others when one publisher announces without end", () => {
    const copies = queue();
    const taken = Array.from({ length: 10_000 }, (_, at) => copies.offer(wanted(`junk${at}`, "junk"), 0));
    expect(taken.filter(Boolean)).toHaveLength(256);
    expect(copies.offer(wanted("honest"), 0)).toBe(true);
    for (let at = 0; at < 10_000; at += 1) copies.offer(wanted(`more${at}`, `key${at}`, false), 0);
    expect(copies.size).toBe(257 + 3072);
    expect(copies.offer(wanted("followed"), 0)).toBe(true);
    for (let at = 0; at < 10_000; at += 1) copies.offer(wanted(`known${at}`, `friend${at}`), 0);
    expect(copies.size).toBe(4096);
  });
});
