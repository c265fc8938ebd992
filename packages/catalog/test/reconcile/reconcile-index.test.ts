import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createReconcileIndex } from "../../src/index.ts";
import { idOf } from "./sets.ts";

/** The slow truth: a sorted array and big integers. */
class Model {
  items: { time: number; id: Uint8Array }[] = [];

  find(time: number, id: Uint8Array): number {
    return this.items.findIndex((item) => item.time === time && Buffer.compare(item.id, id) === 0);
  }

  insert(time: number, id: Uint8Array): boolean {
    if (this.find(time, id) >= 0) return false;
    this.items.push({ time, id });
    this.items.sort((a, b) => a.time - b.time || Buffer.compare(a.id, b.id));
    return true;
  }

  delete(time: number, id: Uint8Array): boolean {
    const place = this.find(time, id);
    if (place >= 0) this.items.splice(place, 1);
    return place >= 0;
  }

  lowerBound(time: number, prefix: Uint8Array): number {
    const padded = new Uint8Array(32);
    padded.set(prefix);
    const below = (item: { time: number; id: Uint8Array }): boolean =>
      item.time < time || (item.time === time && Buffer.compare(item.id, padded) < 0);
    return this.items.filter(below).length;
  }

  sum(from: number, to: number): string {
    let total = 0n;
    for (const { id } of this.items.slice(from, to)) {
      total += BigInt(`0x${Buffer.from(id).reverse().toString("hex")}`);
    }
    const hex = (total % 2n ** 256n).toString(16).padStart(64, "0");
    return Buffer.from(hex, "hex").reverse().toString("hex");
  }
}

const times = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(2 ** 31, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER));
const entry = fc.tuple(times, fc.integer({ min: 0, max: 400 }));

describe("createReconcileIndex", () => {
  it("agrees with a sorted array under any inserts and deletes", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.boolean(), entry), { maxLength: 900, minLength: 0, size: "max" }),
        fc.array(fc.tuple(times, fc.uint8Array({ maxLength: 32 })), { maxLength: 10 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 10 }),
        (steps, bounds, ranges) => {
          const index = createReconcileIndex();
          const model = new Model();
          for (const [remove, [time, seed]] of steps) {
            const id = idOf(seed);
            if (remove && seed % 3 === 0) expect(index.delete(time, id)).toBe(model.delete(time, id));
            else expect(index.insert(time, id)).toBe(model.insert(time, id));
            expect(index.size).toBe(model.items.length);
          }
          for (const [time, prefix] of bounds)
            expect(index.lowerBound(time, prefix)).toBe(model.lowerBound(time, prefix));
          for (let rank = 0; rank < index.size; rank++) {
            const item = index.at(rank);
            expect(item).toEqual(model.items[rank]);
            expect(index.lowerBound(item.time, item.id)).toBe(rank);
            expect(index.has(item.time, item.id)).toBe(true);
          }
          for (const [a, b] of ranges) {
            const from = a % (index.size + 1);
            const to = from + (b % (index.size - from + 1));
            expect(Buffer.from(index.sum(from, to)).toString("hex")).toBe(model.sum(from, to));
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it("keeps its sums through many splits in any order, and is empty after everything is deleted", () => {
    const index = createReconcileIndex();
    const count = 17_000;
    const order = Array.from({ length: count }, (_, rank) => (rank * 7919) % count);
    const insert = (rank: number): boolean => index.insert(Math.floor(rank / 3), idOf(rank));
    const remove = (rank: number): boolean => index.delete(Math.floor(rank / 3), idOf(rank));
    expect(order.every(insert)).toBe(true);
    expect(order.slice(0, 200).some(insert)).toBe(false);
    const model = new Model();
    for (let rank = 0; rank < count; rank++) model.items.push(index.at(rank));
    for (const [from, to] of [
      [0, count],
      [1, 2],
      [127, 129],
      [5000, 15_001],
    ] as const)
      expect(Buffer.from(index.sum(from, to)).toString("hex")).toBe(model.sum(from, to));
    expect(order.toReversed().every(remove)).toBe(true);
    expect(index.size).toBe(0);
    expect(Buffer.from(index.sum(0, 0)).toString("hex")).toBe("0".repeat(64));
    expect(index.insert(1, idOf(1))).toBe(true);
  });

  it("refuses ranks, times and ids out of range", () => {
    const index = createReconcileIndex();
    index.insert(1, idOf(1));
    expect(() => index.at(1)).toThrow(RangeError);
    expect(() => index.at(-1)).toThrow(RangeError);
    expect(() => index.sum(1, 0)).toThrow(RangeError);
    expect(() => index.sum(0, 2)).toThrow(RangeError);
    expect(() => index.insert(1.5, idOf(2))).toThrow(RangeError);
    expect(() => index.insert(-1, idOf(2))).toThrow(RangeError);
    expect(() => index.insert(1, new Uint8Array(31))).toThrow(RangeError);
  });
});
