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
