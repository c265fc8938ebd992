import { decode, encode } from "@ipld/dag-cbor";
import * as fc from "fast-check";
import { CID } from "multiformats/cid";
import { describe, expect, it } from "vitest";

import { CanonicalLink, type CanonicalValue, decodeCanonical } from "../../src/records/canonical-cbor.ts";
import { bytes, head, list, map, text } from "./cbor.ts";

const cid = CID.parse("bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku");
const key = fc.oneof(
  fc.string({ maxLength: 6, unit: "binary" }),
  fc.constantFrom("", "a", "b", "aa", "é", "__proto__"),
);
const { value: anyValue } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.integer(),
    fc.maxSafeInteger(),
    fc.constantFrom(0, 23, 24, 255, 256, 65_535, 65_536, 2 ** 32 - 1, 2 ** 32, -1, -24, -25, true, false, null, cid),
    fc.string({ unit: "binary" }).filter((one) => one.isWellFormed()),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(
      key.filter((one) => one.isWellFormed()),
      tie("value"),
      { maxKeys: 5 },
    ),
  ),
}));

/** In the words of the reference. */
function plain(value: CanonicalValue): unknown {
  if (value instanceof CanonicalLink) return CID.decode(value.cid);
  if (value instanceof Map) {
    const entries = new Map<string, unknown>([...value].map(([name, part]) => [name, plain(part)]));
    return Object.fromEntries(entries);
  }
  return Array.isArray(value) ? value.map((part: CanonicalValue) => plain(part)) : value;
}

/** What the reference makes of the bytes; undefined when it refuses them or would write others. */
function reference(input: Uint8Array): { readonly value: unknown } | undefined {
  try {
    const value: unknown = decode(input);
    return Buffer.compare(encode(value), input) === 0 ? { value } : undefined;
  } catch {
    return undefined;
  }
}

function ours(input: Uint8Array): { readonly value: unknown } | undefined {
  try {
    return { value: plain(decodeCanonical(input)) };
  } catch {
    return undefined;
  }
}

/** Whether a value has a float or a big integer in it, which only the reference takes. */
function isBeyond(value: unknown): boolean {
  if (typeof value === "bigint") return true;
  if (typeof value === "number") return !Number.isSafeInteger(value);
  if (CID.asCID(value) !== null || value instanceof Uint8Array) return false;
  return typeof value === "object" && value !== null && Object.values(value).some(isBeyond);
}

describe("decodeCanonical", () => {
  it("reads whatever the reference writes", () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const input = encode(value);
        const expected = reference(input);
        // A text with a byte order mark is none that the reference reads again.
        expect(ours(input)).toEqual(expected);
      }),
      { numRuns: 500 },
    );
  });

  it("takes changed bytes exactly when the reference does, with the same meaning", () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(anyValue, changes, fc.nat(4), (value, edits, cut) => {
        const input = Uint8Array.from(encode(value));
        for (const [place, byte] of edits) input[place % input.byteLength] = byte;
        const changed = cut === 0 ? input.subarray(0, -1) : input;
        const expected = reference(changed);
        if (expected !== undefined && isBeyond(expected.value)) expect(ours(changed)).toBeUndefined();
        else expect(ours(changed)).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["nothing", Buffer.of()],
    ["two items", Buffer.of(0, 0)],
    ["a number in more bytes than it needs", head(0, 23, 1)],
    ["a length in more bytes than it needs", Buffer.concat([head(3, 1, 2), Buffer.from("a")])],
    ["2^53", head(0, 2 ** 53, 8)],
    ["keys in the wrong order", map(["b", head(0, 1)], ["a", head(0, 1)])],
    ["a longer key before a shorter", map(["aa", head(0, 1)], ["b", head(0, 1)])],
    ["a key twice", map(["a", head(0, 1)], ["a", head(0, 1)])],
    ["a key that is no text", Buffer.concat([head(5, 1), head(0, 1), head(0, 1)])],
    ["an indefinite list", Buffer.of(0x9f, 0xff)],
    ["an indefinite text", Buffer.of(0x7f, 0x61, 0x61, 0xff)],
    ["undefined", Buffer.of(0xf7)],
    ["a float", Buffer.of(0xfb, 0x3f, 0xf0, 0, 0, 0, 0, 0, 0)],
    ["another tag", Buffer.concat([Buffer.of(0xc1), head(0, 1)])],
    ["a link without its prefix", Buffer.concat([Buffer.of(0xd8, 42), bytes(Buffer.of(1, 2))])],
    ["bad UTF-8", Buffer.concat([head(3, 2), Buffer.of(0xc3, 0x28)])],
    ["a byte order mark", text("\uFEFFa")],
    ["more items than bytes", Buffer.concat([head(4, 2 ** 40, 8), head(0, 1)])],
    ["more entries than bytes", head(5, 2 ** 40, 8)],
    ["more text than bytes", head(3, 2 ** 40, 8)],
    ["a deep nest", Buffer.concat([Buffer.alloc(200, 0x81), head(0, 1)])],
  ])("refuses %s", (_, input) => {
    expect(() => decodeCanonical(input)).toThrow(RangeError);
  });

  it("gives views of the input, not copies", () => {
    const input = new Uint8Array(list(bytes(Buffer.from("abc"))));
    const [part] = decodeCanonical(input) as [Uint8Array];
    expect(part.buffer).toBe(input.buffer);
    expect(Buffer.from(part).toString()).toBe("abc");
  });
});

describe("at its edges, canonical CBOR", () => {
  const values: readonly (readonly [string, unknown])[] = [
    ["00", 0],
    ["17", 23],
    ["1818", 24],
    ["18ff", 255],
    ["190100", 256],
    ["19ffff", 65_535],
    ["1a00010000", 65_536],
    ["1affffffff", 2 ** 32 - 1],
    ["1b0000000100000000", 2 ** 32],
    ["1b001fffffffffffff", Number.MAX_SAFE_INTEGER],
    ["20", -1],
    ["3b001ffffffffffffe", Number.MIN_SAFE_INTEGER],
    ["f4", false],
    ["f5", true],
    ["f6", null],
    ["40", new Uint8Array()],
    ["4100", Uint8Array.of(0)],
    ["60", ""],
    ["617f", "\u007f"],
    ["62c280", "\u0080"],
    ["80", []],
    ["8100", [0]],
    ["83000102", [0, 1, 2]],
    ["a0", {}],
    ["a1613100", { 1: 0 }],
    ["a2613100613201", { 1: 0, 2: 1 }],
    ["a26131006230300a", { 1: 0, "00": 10 }],
  ];
  it.each(values)("reads %s", (hex, value) => {
    expect(plain(decodeCanonical(Buffer.from(hex, "hex")))).toEqual(value);
  });

  it.each(
    [
      "",
      "1817 1900ff 1a0000ffff 1b00000000ffffffff 1b0020000000000000 1bffffffffffffffff 3b001fffffffffffff",
      "18 1901 1a000100 1b00000001000000",
      "1c 1d 1e 1f 3f 5f 7f 9f bf ff 5fff 9fff bfff",
      "e0 f3 f7 f820 f8ff f97e00 fa00000000 fb0000000000000000",
      "6180 61ff 62c0 63eda080 63efbbbf 64efbbbf61 62c3",
      "41 6261 81 8200 8300 9a00000001 a1 a161 a16131 a1613100 00 a1613100ff",
      "a10000 a1410000 a2613200613100 a2613100613100 a262303000613100",
      "c0 c100 d82a d82a00 d82a60 d82a40 d82a4101 d92a4100 d82b4100",
      "0000 f600 8000",
    ]
      .join(" ")
      .split(" ")
      .filter((hex) => hex !== "00" && hex !== "a1613100"),
  )("refuses %j", (hex) => {
    expect(() => decodeCanonical(Buffer.from(hex, "hex"))).toThrow(RangeError);
  });

  it("is not nested without end", () => {
    const nested = (depth: number): Buffer => Buffer.concat([Buffer.alloc(depth, 0x81), Buffer.of(0)]);
    const deepest = Array.from({ length: 400 }, (_, depth) => depth).findLast(
      (depth) => ours(nested(depth)) !== undefined,
    );
    expect(deepest).toBeGreaterThan(3);
    expect(deepest).toBeLessThan(399);
  });
});
