import { describe, expect, it } from "vitest";

import { bytesOf, chooseEvictions, heatOf, type Stranger } from "../../src/admission/choose-evictions.ts";

const none = { hour: 0, day: 0, week: 0, older: 0 };
const stranger = (publisher: number, given: Partial<Stranger> = {}): Stranger => ({
  publisher,
  source: "peer",
  firstSeenMs: 0,
  bytes: { ...none, hour: 1000 },
  ...given,
});
const order = (...strangers: readonly Stranger[]): number[] =>
  chooseEvictions(strangers, Number.POSITIVE_INFINITY).map(({ publisher }) => publisher);

it("all of a publisher's bytes count, and less of a flood the longer they are here", () => {
  const each = stranger(1, { bytes: { hour: 100, day: 200, week: 6400, older: 9000 } });
  expect(bytesOf(each)).toBe(15_700);
  expect(heatOf(each)).toBe(100 + 50 + 100);
});

describe("of what one peer brought", () => {
  const large = { ...none, hour: 1024 * 1024 };
  it.each([
    [
      "who is mostly new, however small",
      stranger(1, { bytes: { ...none, hour: 10 } }),
      stranger(2, { bytes: { ...none, hour: 900, older: 9000 }, firstSeenMs: 9 }),
    ],
    ["who is large, whenever it came", stranger(1, { bytes: large }), stranger(2, { firstSeenMs: 9 })],
    [
      "who came later, of those that are large",
      stranger(1, { bytes: large, firstSeenMs: 9 }),
      stranger(2, { bytes: { ...none, hour: 2 * large.hour } }),
    ],
    [
      "who came later, of those that are not, down to a byte",
      stranger(1, { firstSeenMs: 9 }),
      stranger(2, { bytes: { ...none, hour: large.hour - 1 } }),
    ],
    ["who has more, of those that came together", stranger(1, { bytes: { ...none, hour: 1001 } }), stranger(2)],
    ["who has the higher number, of those that are alike", stranger(2), stranger(1)],
    [
      "who came later, of those of whom nothing counts",
      stranger(1, { bytes: none, firstSeenMs: 9 }),
      stranger(2, { bytes: none }),
    ],
  ])("goes first %s", (_, first, second) => {
    for (const both of [
      [first, second],
      [second, first],
    ]) {
      expect(order(...both)).toEqual([first.publisher, second.publisher]);
    }
  });
});

describe("of several peers", () => {
  const of = (source: string, publisher: number, bytes: Stranger["bytes"]): Stranger =>
    stranger(publisher, { source, bytes });
  it.each([
    ["who brought most lately", of("b", 1, { ...none, hour: 1001 }), of("a", 2, { ...none, hour: 1000, older: 5000 })],
    [
      "who brought most in all, of those that brought as much lately",
      of("b", 1, { ...none, hour: 1000, older: 2 }),
      of("a", 2, { ...none, hour: 1000, older: 1 }),
    ],
    [
      "the first by name, of those that brought the same",
      of("a", 1, { ...none, hour: 1000 }),
      of("b", 2, { ...none, hour: 1000 }),
    ],
  ])("gives first %s", (_, first, second) => {
    for (const both of [
      [first, second],
      [second, first],
    ]) {
      expect(order(...both)).toEqual([1, 2]);
    }
  });

  it("each gives until another has more, and no more goes than is asked for", () => {
    const many = [5, 3, 1].flatMap((count, peer) =>
      Array.from({ length: count }, (_, at) => of(`peer ${peer}`, 10 * peer + at, { ...none, hour: 100 })),
    );
    expect(chooseEvictions(many, 300).map(({ publisher }) => publisher)).toEqual([4, 3, 2]);
    expect(chooseEvictions(many, 301)).toHaveLength(4);
    expect(order(...many)).toEqual([4, 3, 2, 12, 1, 11, 0, 10, 20]);
    // Where nothing is new, who has more in all gives until another has.
    const old = [3, 2].flatMap((count, peer) =>
      Array.from({ length: count }, (_, at) => of(`peer ${peer}`, 10 * peer + at, { ...none, older: 100 })),
    );
    expect(order(...old)).toEqual([2, 1, 11, 0, 10]);
    expect(order(of("a", 1, none), of("b", 2, none))).toEqual([1, 2]);
    expect(chooseEvictions(many, 0)).toEqual([]);
    expect(chooseEvictions([], 100)).toEqual([]);
  });
});
