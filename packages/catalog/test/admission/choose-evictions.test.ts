import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { bytesOf, chooseEvictions, heatOf, type Stranger } from "../../src/admission/choose-evictions.ts";

const none = { hour: 0, day: 0, week: 0, older: 0 };
let numbers = 0;
function stranger(source: string, given: Partial<Stranger> = {}): Stranger {
  numbers += 1;
  return { publisher: numbers, source, firstSeenMs: numbers, bytes: { ...none, hour: 3000 }, ...given };
}
const many = (count: number, source: string, given: Partial<Stranger> = {}): Stranger[] =>
  Array.from({ length: count }, () => stranger(source, given));

const anyBytes = fc.record({ hour: fc.nat(5000), day: fc.nat(5000), week: fc.nat(5000), older: fc.nat(5000) });
const anyStrangers = fc
  .array(fc.record({ source: fc.constantFrom("", "a", "b", "c", "d"), firstSeenMs: fc.nat(20), bytes: anyBytes }), {
    maxLength: 60,
  })
  .map((list) => list.map((each, publisher): Stranger => ({ ...each, publisher })));

/** What a peer keeps once some of its publishers went. */
function heatBySource(strangers: readonly Stranger[]): Map<string, number> {
  const heats = new Map<string, number>();
  for (const each of strangers) heats.set(each.source, (heats.get(each.source) ?? 0) + heatOf(each));
  return heats;
}

describe("chooseEvictions", () => {
  it("frees what is needed with no publisher more than that takes, or chooses all, each once", () => {
    fc.assert(
      fc.property(anyStrangers, fc.nat(300_000), (strangers, needed) => {
        const chosen = chooseEvictions(strangers, needed);
        expect(new Set(chosen).size).toBe(chosen.length);
        const freed = chosen.reduce((sum, each) => sum + bytesOf(each), 0);
        if (freed < needed) expect(chosen).toHaveLength(strangers.length);
        const last = chosen.at(-1);
        if (last !== undefined) expect(freed - bytesOf(last)).toBeLessThan(needed);
      }),
    );
  });

  it("says the same whatever the order in which it is told", () => {
    fc.assert(
      fc.property(anyStrangers, fc.nat(300_000), fc.nat(60), (strangers, needed, turn) => {
        const turned = [...strangers.slice(turn), ...strangers.slice(0, turn)].toReversed();
        expect(chooseEvictions(turned, needed)).toEqual(chooseEvictions(strangers, needed));
      }),
    );
  });

  it("never takes from a peer that keeps less than another", () => {
    fc.assert(
      fc.property(anyStrangers, fc.nat(300_000), (strangers, needed) => {
        const left = new Set(strangers);
        for (const each of chooseEvictions(strangers, needed)) {
          const heats = heatBySource([...left]);
          expect(heats.get(each.source)).toBeCloseTo(Math.max(...heats.values()), 3);
          left.delete(each);
        }
      }),
    );
  });

  it("takes a flood from the peer that brought it, not what others bring meanwhile", () => {
    const flood = many(1000, "flooder");
    const honest = many(50, "honest");
    const more = many(1000, "flooder");
    const chosen = chooseEvictions([...flood, ...honest, ...more], 1900 * 3000);
    expect(chosen.filter(({ source }) => source === "honest")).toEqual([]);
    expect(chosen).toHaveLength(1900);
  });

  it("takes a flood before what the same peer gave earlier", () => {
    const before = many(200, "bootstrap");
    const flood = many(1000, "bootstrap");
    expect(new Set(chooseEvictions([...before, ...flood], 1000 * 3000))).toEqual(new Set(flood));
  });

  it("leaves a catalogue of last week alone, however much of it one peer gave, while a smaller flood comes", () => {
    const old = many(1000, "bootstrap", { bytes: { ...none, older: 3000 } });
    const flood = many(100, "flooder");
    expect(new Set(chooseEvictions([...flood, ...old], 100 * 3000))).toEqual(new Set(flood));
  });

  it("leaves an old publisher with a new release alone, and takes an old key that is flooded now", () => {
    const old = stranger("peer", { firstSeenMs: 0, bytes: { ...none, older: 50_000, hour: 1000 } });
    const groomed = stranger("peer", { firstSeenMs: 0, bytes: { ...none, older: 1000, hour: 8_000_000 } });
    const fresh = many(10, "peer");
    expect(chooseEvictions([old, ...fresh, groomed], 8_000_000)[0]).not.toBe(old);
    expect(chooseEvictions([old, ...fresh, groomed], 8_020_000)).toContain(groomed);
    expect(chooseEvictions([old, ...fresh, groomed], 8_020_000)).not.toContain(old);
  });

  it("takes few keys with much before many with little", () => {
    const large = stranger("peer", { bytes: { ...none, hour: 5_000_000 } });
    const small = many(100, "peer");
    expect(chooseEvictions([...small, large], 1)).toEqual([large]);
  });
});
