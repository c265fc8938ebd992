import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Compactor } from "../../src/stored/compact.ts";
import { recordDictionary } from "../../src/stored/dictionary.ts";
import { fromStored, signerContext, toStored } from "../../src/stored/stored-envelope.ts";
import { publisherWithKey } from "../publisher-fixture.ts";

const compactor = new Compactor(recordDictionary);
const nothing = new Uint8Array();

/** Bytes with and without repetitions, of themselves, of the dictionary and of a context. */
const pieces = fc.array(
  fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(255), fc.nat(700)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    fc
      .tuple(fc.nat(recordDictionary.byteLength), fc.nat(90))
      .map(([at, length]) => recordDictionary.slice(at, at + length)),
  ),
  { maxLength: 20 },
);
const records = fc
  .tuple(pieces, fc.nat(3))
  .map(([parts, times]) => Buffer.concat([...parts, ...Array.from({ length: times }, () => Buffer.concat(parts))]))
  .filter(({ byteLength }) => byteLength <= 16_384);
const contexts = fc.uint8Array({ maxLength: 1024 });

describe("the short form of a record", () => {
  it("gives back what was made short, whatever it was", () => {
    fc.assert(
      fc.property(records, contexts, (record, context) => {
        const short = compactor.compact(record, context);
        expect(short.byteLength).toBeLessThanOrEqual(record.byteLength + Math.ceil(record.byteLength / 128));
        expect(Buffer.compare(compactor.expand(short, context), record)).toBe(0);
      }),
      { numRuns: 300 },
    );
  });

  it("is read within its bounds or refused, whatever the disk says", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), contexts, (bytes, context) => {
        try {
          expect(compactor.expand(bytes, context).byteLength).toBeLessThanOrEqual(16_384);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["ends within a run", [5, 1, 2]],
    ["ends within a short repetition", [0x80]],
    ["ends within a long repetition", [0xc0, 0]],
    ["repeats what comes later", [0xc0, 0xff, 0xff]],
    ["would be longer than any record", [0, 65, ...Array.from({ length: 250 }, () => [0xff, 0, 0]).flat()]],
  ])("is refused when it %s", (_, bytes) => {
    expect(() => compactor.expand(Uint8Array.from(bytes), nothing)).toThrow(RangeError);
  });

  it("is refused for what no record is", () => {
    expect(() => compactor.compact(new Uint8Array(16_385), nothing)).toThrow(RangeError);
    expect(() => compactor.compact(nothing, new Uint8Array(1025))).toThrow(RangeError);
  });

  it("tells one call from another: nothing of an earlier record is pointed at", () => {
    const fresh = new Compactor(recordDictionary);
    const one = new TextEncoder().encode("something that nobody else has said before, at length");
    fresh.compact(one, nothing);
    const short = fresh.compact(one, nothing);
    expect(new Compactor(recordDictionary).expand(short, nothing)).toEqual(one);
    expect(short.byteLength).toBeGreaterThan(one.byteLength / 2);
  });
});

describe("a stored envelope", () => {
  const owner = publisherWithKey("owner");
  owner.release("laptop", { manifest: { title: "Ünïcode", description: "Generates code from an ontology." } });
  owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "leaks" });

  it("is as it was, for operations of every kind", () => {
    for (const { envelope, operation } of owner.operations) {
      const context = signerContext(operation);
      const { envelope: short, checksum } = toStored(envelope, context);
      const row = { envelope: short, checksum, context: context ?? null };
      expect(Buffer.compare(fromStored(row) ?? nothing, envelope)).toBe(0);
    }
  });

  it("takes less than two thirds of a release", () => {
    const { envelope, operation } = owner.operations.at(-2) ?? {};
    if (envelope === undefined || operation?.type !== "release") throw new Error("no release");
    expect(toStored(envelope, signerContext(operation)).envelope.byteLength).toBeLessThan(
      (envelope.byteLength * 2) / 3,
    );
  });

  it("with any bit changed, or another context, is not read", () => {
    const { envelope, operation } = owner.operations.at(-2) ?? {};
    if (envelope === undefined || operation === undefined) throw new Error("none");
    const context = signerContext(operation) ?? null;
    const stored = toStored(envelope, context ?? undefined);
    for (let bit = 0; bit < stored.envelope.byteLength * 8; bit += 1) {
      const spoilt = stored.envelope.slice();
      spoilt[bit >> 3] = (spoilt[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const read = fromStored({ ...stored, envelope: spoilt, context });
      // Where the place of a repetition changed, the same may stand there, too.
      if (read !== undefined) expect(Buffer.compare(read, envelope)).toBe(0);
    }
    expect(fromStored({ ...stored, context: null })).toBeUndefined();
    expect(fromStored({ ...stored, checksum: stored.checksum ^ 1, context })).toBeUndefined();
  });
});

it("the dictionary is what it was: stored records point into it", () => {
  // Another dictionary is another form: a new migration writes every record anew.
  expect(toStored(recordDictionary, undefined).checksum).toMatchInlineSnapshot(`2463095`);
});
