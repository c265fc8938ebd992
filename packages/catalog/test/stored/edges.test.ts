import { describe, expect, it } from "vitest";

import { Compactor } from "../../src/stored/compact.ts";
import { fromStored, signerContext, toStored } from "../../src/stored/stored-envelope.ts";
import { keyOf, publisherWithKey } from "../publisher-fixture.ts";

const nothing = new Uint8Array();
const latin = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));
const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");
const prefix = latin("0123456789abcdef");

/** Bytes that nothing is repeated in. */
function noise(length: number, seed = 1): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length }, () => (state = Math.imul(state, 1_664_525) + 1_013_904_223) >>> 24);
}

/** Writes with one compactor and reads with another, as processes do one after the other. */
function passedOn(record: Uint8Array, context: Uint8Array, given: Uint8Array = prefix): Uint8Array {
  const [writer, reader] = [new Compactor(given), new Compactor(given)];
  // Neither is in the state that it was made in.
  writer.compact(latin("something else 0123 0123"), latin("89abcdef"));
  reader.expand(Uint8Array.of(0, 65), latin("another"));
  return reader.expand(writer.compact(record, context), context);
}

describe("the short form, byte by byte", () => {
  const short = (record: string, context = ""): number[] => [
    ...new Compactor(prefix).compact(latin(record), latin(context)),
  ];
  const bytes = (text: string): number[] => [...latin(text)];

  it.each([
    ["a run", "xyz", "", [2, ...bytes("xyz")]],
    ["a repetition of the prefix, the shortest one", "x2345", "", [0, ...bytes("x"), 0x80, 2]],
    ["the last one of the prefix", "cdef", "", [0x80, 12]],
    ["the longest that is short", "0123456789a", "", [0x80 | (7 << 3), 0]],
    ["one that is longer", "0123456789ab", "", [0xc0 | 8, 0, 0]],
    ["a repetition of the context", "KEYS!", "__KEYS", [0x80, 18, 0, ...bytes("!")]],
    ["a repetition of itself", "xyzwxyzw", "", [3, ...bytes("xyzw"), 0x80, 16]],
    ["a repetition of what it is writing", "zzzzzzz", "", [0, ...bytes("z"), 0x80 | (2 << 3), 16]],
    ["what is too short to be repeated", "012", "", [2, ...bytes("012")]],
    ["the longer of two: the prefix's", "x0123y012345", "", [0, ...bytes("x"), 0x80, 0, 0, ...bytes("y"), 0x90, 0]],
    ["the longer of two: its own", "cdefgh cdefgh", "", [0x80, 12, 2, ...bytes("gh "), 0x80 | (2 << 3), 16]],
  ])("has %s", (_, record, context, expected) => {
    expect(short(record, context)).toEqual(expected);
    expect(textOf(new Compactor(prefix).expand(Uint8Array.from(expected), latin(context)))).toBe(record);
  });

  it("has three bytes for what stands far away, and a run of 128 at most", () => {
    const far = latin(`${"-".repeat(2047)}abcd1234`);
    const at = (record: string): number[] => [...new Compactor(far).compact(latin(record), nothing)];
    expect(at("abcd")).toEqual([0x80 | 7, 0xff]);
    expect(at("1234")).toEqual([0xc0, 0x03, 0x08]);
    expect(at("bcd1")).toEqual([0xc0, 0x00, 0x08]);
    const run = new Compactor(prefix).compact(noise(129), nothing);
    expect([run.byteLength, run[0], run[129]]).toEqual([131, 127, 0]);
  });
});

describe("limits of the short form", () => {
  it("are 16 KiB of a record and of a prefix, 1 KiB of a context, however little is repeated in them", () => {
    const [record, context] = [noise(16_384), noise(1024, 77)];
    expect(Buffer.compare(passedOn(record, context), record)).toBe(0);
    expect(Buffer.compare(passedOn(record, nothing, noise(16_384, 99)), record)).toBe(0);
    expect(() => new Compactor(noise(16_385))).toThrow(RangeError);
    const zeros = new Uint8Array(16_384);
    expect(Buffer.compare(passedOn(zeros, context), zeros)).toBe(0);
  });

  it("hold for what is read: runs that are too long together, and what repeats its own beginning", () => {
    const runs = Uint8Array.from({ length: 129 * 129 }, (_, at) => (at % 129 === 0 ? 127 : 1));
    expect(new Compactor(prefix).expand(runs.subarray(0, 128 * 129), nothing)).toHaveLength(16_384);
    expect(() => new Compactor(prefix).expand(runs, nothing)).toThrow(RangeError);
    // The first byte of the record is the sixteenth: nothing stands there yet.
    expect(() => new Compactor(prefix).expand(Uint8Array.of(0x80, 16), nothing)).toThrow(RangeError);
    expect(textOf(new Compactor(prefix).expand(Uint8Array.of(0x80, 15), nothing))).toBe("ffff");
  });

  it("make no record depend on those before it, nor on how many there were", () => {
    const used = new Compactor(prefix);
    // What stands at the end of the first record must not be taken for the same at the end of a later one.
    const late = latin(`${"-".repeat(40)}WORD`);
    used.compact(late, nothing);
    for (let calls = 0; calls < 0xffff - 1; calls++) used.compact(nothing, nothing);
    for (const record of ["WORD and at the end of it all again the WORD", "WORD".padEnd(40, "-") + "WORD"]) {
      expect(textOf(new Compactor(prefix).expand(used.compact(latin(record), nothing), nothing))).toBe(record);
    }
    expect(used.compact(latin("xyzwxyzw"), nothing)).toHaveLength(7);
  });
});

describe("what is stored once for a signer", () => {
  const owner = publisherWithKey("owner");
  const release = owner.release("laptop");
  const yank = owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "leaks" });
  const revoke = owner.revoke("laptop");

  it("is its publisher and its key, of a chain's operations only", () => {
    for (const { operation } of [release, yank]) {
      const context = Buffer.from(signerContext(operation) ?? nothing).toString("hex");
      expect(context).toBe(owner.genesis.id + keyOf("laptop").key);
    }
    for (const { operation } of [owner.genesis, revoke]) expect(signerContext(operation)).toBeUndefined();
  });

  it("does without what is no envelope in the row", () => {
    const stored = toStored(release.envelope, signerContext(release.operation));
    const context = signerContext(release.operation) ?? null;
    expect(fromStored({ ...stored, context })).toEqual(Uint8Array.from(release.envelope));
    for (const envelope of [null, "text", 7, Uint8Array.of(5, 1, 2)])
      expect(fromStored({ ...stored, context, envelope })).toBeUndefined();
  });
});
