import { isGgenError } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createReconcileIndex, createReconciler } from "../../src/index.ts";
import { hexList, idOf, indexOf, runSession } from "./sets.ts";

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, place) => from + place);
const isRefused = (run: () => unknown): boolean => {
  try {
    run();
  } catch (error) {
    if (isGgenError(error, "network.protocol")) return true;
    throw error;
  }
  return false;
};

describe("createReconciler", () => {
  it("finds exactly the difference of any two sets under any frame limits", () => {
    const seeds = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { maxLength: 1500, size: "max" });
    const limits = fc.constantFrom(4096, 5000, 20_000, 1024 * 1024);
    fc.assert(
      fc.property(seeds, seeds, limits, limits, fc.integer({ min: 1, max: 4000 }), (ours, theirs, a, b, seconds) => {
        const timeOf = (seed: number): number => 1_700_000_000 + (seed % seconds);
        const result = runSession(
          createReconciler(indexOf(ours, timeOf), { frameLimitBytes: a }),
          createReconciler(indexOf(theirs, timeOf), { frameLimitBytes: b }),
        );
        const left = new Set(ours);
        const right = new Set(theirs);
        expect(result.have).toEqual(hexList([...left.difference(right)].map(idOf)));
        expect(result.need).toEqual(hexList([...right.difference(left)].map(idOf)));
        for (const [place, size] of result.sizes.entries()) expect(size).toBeLessThanOrEqual(place % 2 === 0 ? a : b);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it.each([
    ["both empty", [], []],
    ["ours empty", [], range(0, 500)],
    ["theirs empty", range(0, 500), []],
    ["equal", range(0, 500), range(0, 500)],
    ["disjoint", range(0, 500), range(500, 1000)],
  ])("ends when the sets are: %s", (_, ours, theirs) => {
    const result = runSession(createReconciler(indexOf(ours)), createReconciler(indexOf(theirs)));
    expect(result.have).toHaveLength(new Set(ours).difference(new Set(theirs)).size);
    expect(result.need).toHaveLength(new Set(theirs).difference(new Set(ours)).size);
  });

  it("takes two round trips and few bytes for ten items missing of twenty thousand", () => {
    const all = range(0, 20_000);
    const time = (seed: number): number => 1_700_000_000 + seed;
    const some = all.filter((seed) => seed % 2000 !== 7);
    const result = runSession(createReconciler(indexOf(some, time)), createReconciler(indexOf(all, time)));
    expect(result.need).toHaveLength(10);
    expect(result.rounds).toBeLessThanOrEqual(3);
    expect(result.sizes.reduce((a, b) => a + b)).toBeLessThan(40_000);
  });

  it("does not count on 32 bits: times up to 2^53 - 1", () => {
    const times = [0, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 40 + 3, Number.MAX_SAFE_INTEGER];
    const timeOf = (seed: number): number => times[seed % times.length] ?? 0;
    const result = runSession(
      createReconciler(indexOf(range(0, 600), timeOf)),
      createReconciler(indexOf(range(3, 620), timeOf)),
    );
    expect(result.have).toEqual(hexList([0, 1, 2].map(idOf)));
    expect(result.need).toEqual(hexList(range(600, 620).map(idOf)));
  });

  it("finds what remains when the index grows during the session", () => {
    const ours = indexOf(range(0, 400));
    const initiator = createReconciler(ours, { frameLimitBytes: 4096 });
    const responder = createReconciler(indexOf(range(0, 3000)), { frameLimitBytes: 4096 });
    const need: Uint8Array[] = [];
    for (let message: Uint8Array | undefined = initiator.initiate(); message !== undefined;) {
      const result = initiator.reconcile(responder.respond(message));
      for (const id of result.need) need.push(id);
      ours.insert(1, idOf(-need.length));
      message = result.output;
    }
    expect(hexList(need)).toEqual(hexList(range(400, 3000).map(idOf)));
  });

  it("answers another protocol version with its own, and gives up as initiator", () => {
    const responder = createReconciler(createReconcileIndex());
    expect(responder.respond(Uint8Array.from([0x62, 1, 2, 3]))).toEqual(Uint8Array.of(0x61));
    expect(isRefused(() => createReconciler(createReconcileIndex()).reconcile(Uint8Array.of(0x62)))).toBe(true);
  });
});

describe("hostile messages", () => {
  const small = indexOf(range(0, 100));
  const hex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "hex"));

  it.each([
    ["empty", ""],
    ["no protocol byte", "0000"],
    ["a varint with a leading zero digit", "6180000000"],
    ["a varint above 2^53", "61ffffffffffffffff7f00"],
    ["a varint that never ends", `61${"ff".repeat(200)}`],
    ["a bound that ends early", "610220aabb"],
    ["a prefix of 33 bytes", `610221${"00".repeat(33)}00`],
    ["a prefix at infinity", "610001aa00"],
    ["an unknown mode", "61000003"],
    ["half a fingerprint", "61000001aabb"],
    ["more ids than the message holds", `61000002ffffffff7f${"aa".repeat(64)}`],
    ["a list that is one byte short", `6100000202${"aa".repeat(63)}`],
    ["bounds that do not ascend", "61050000010000"],
    ["the same bound twice", `61050100000101000100`],
    ["a range after infinity", "610000000200000200"],
    ["lists after infinity", "6100000000000200"],
    ["a time above 2^53 by deltas", "618fffffffffffff7f00008fffffffffffff7f0000"],
  ])("refuses %s", (_, message) => {
    expect(isRefused(() => createReconciler(small).respond(hex(message)))).toBe(true);
    expect(isRefused(() => createReconciler(small).reconcile(hex(message)))).toBe(true);
  });

  it("refuses a message over 1 MiB before reading it", () => {
    const message = new Uint8Array(1024 * 1024 + 1);
    message[0] = 0x61;
    expect(isRefused(() => createReconciler(small).respond(message))).toBe(true);
  });

  it("gives up on a session that does not end", () => {
    const responder = createReconciler(small, { maxRounds: 5 });
    const initiator = createReconciler(small, { maxRounds: 5 });
    const lying = Uint8Array.from([0x61, 0, 0, 1, ...new Uint8Array(16)]);
    for (let round = 0; round < 5; round++) {
      responder.respond(lying);
      expect(initiator.reconcile(lying).output).toBeDefined();
    }
    expect(isRefused(() => responder.respond(lying))).toBe(true);
    expect(isRefused(() => initiator.reconcile(lying))).toBe(true);
  });

  it("takes any bytes without anything but a protocol error, and never answers beyond its frame", () => {
    const ranges = fc
      .array(
        fc.oneof(
          fc.constant([0, 0, 0]),
          fc.tuple(fc.integer({ min: 1, max: 3 }), fc.constant(0), fc.constant(0)),
          fc.integer({ min: 1, max: 3 }).map((delta) => [delta, 0, 1].concat(Array.from(new Uint8Array(16)))),
          fc.integer({ min: 1, max: 3 }).map((delta) => [delta, 1, delta, 2, 1].concat(Array.from(idOf(delta)))),
          fc.uint8Array({ maxLength: 5 }),
        ),
        { maxLength: 200 },
      )
      .map((parts) => Uint8Array.from([0x61, ...parts.flatMap((part) => [...part])]));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), ranges), (message) => {
        for (const side of ["respond", "reconcile"] as const) {
          const reconciler = createReconciler(small, { frameLimitBytes: 4096 });
          try {
            const result = reconciler[side](message);
            const output = result instanceof Uint8Array ? result : result.output;
            expect(output?.byteLength ?? 0).toBeLessThanOrEqual(4096);
          } catch (error) {
            if (!isGgenError(error, "network.protocol")) throw error;
          }
        }
      }),
      { numRuns: 1000 },
    );
  });
});
