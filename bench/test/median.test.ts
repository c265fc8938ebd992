import { expect, it } from "vitest";
import { median, percentile } from "../src/measure/median.ts";
import { createZipf } from "../src/measure/zipf.ts";

it("is the middle, whatever the order", () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 3, 2])).toBe(2.5);
  expect(median([7])).toBe(7);
  expect(() => median([])).toThrow(RangeError);
});

it("is what the slowest share reaches", () => {
  const samples = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(samples, 95)).toBe(95);
  expect(percentile(samples, 100)).toBe(100);
  expect(percentile([3], 50)).toBe(3);
  expect(() => percentile([], 50)).toThrow(RangeError);
});

it("draws the first of a Zipf distribution most, in its proportion, and the same for one seed", () => {
  const next = createZipf(100, 7);
  const counts = Array.from({ length: 100 }, () => 0);
  for (let count = 0; count < 50_000; count += 1) {
    const drawn = next();
    counts[drawn] = (counts[drawn] ?? 0) + 1;
  }
  // The sum of 1/n up to 100 is 5.187.
  expect((counts[0] ?? 0) / 50_000).toBeCloseTo(1 / 5.187, 2);
  expect((counts[0] ?? 0) / (counts[9] ?? 1)).toBeGreaterThan(8);
  expect(counts.every((count) => count > 0)).toBe(true);
  const [left, right] = [createZipf(100, 7), createZipf(100, 7)];
  expect(Array.from({ length: 20 }, left)).toEqual(Array.from({ length: 20 }, right));
});
