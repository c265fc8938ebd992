import { describe, expect, it } from "vitest";

import { equalBytes, fromHex, sha256, toHex } from "../../src/index.ts";

describe("hexadecimal", () => {
  it("is bytes and back, in lower case", () => {
    const all = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(toHex(all)).toMatch(/^0001020304.*fdfeff$/);
    expect(fromHex(toHex(all))).toEqual(all);
    expect(fromHex("aAfF")).toEqual(Uint8Array.of(0xaa, 0xff));
    expect(fromHex("")).toEqual(new Uint8Array());
  });

  it.each(["0", "abc", "0g", "g0", "0x00", " 00", "00 ", "00\n", "é0"])("is not %j", (text) => {
    expect(() => fromHex(text)).toThrow(RangeError);
  });
});

describe("bytes", () => {
  it("are equal when each of them is, and there are as many", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(equalBytes(bytes, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(equalBytes(new Uint8Array(), new Uint8Array())).toBe(true);
    for (const other of [[], [1, 2], [1, 2, 4], [0, 2, 3], [1, 2, 3, 0], [3, 2, 1]]) {
      expect(equalBytes(bytes, Uint8Array.from(other))).toBe(false);
      expect(equalBytes(Uint8Array.from(other), bytes)).toBe(false);
    }
  });

  it("have the sha2-256 of FIPS 180-4", () => {
    const digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    expect(toHex(sha256(new TextEncoder().encode("abc")))).toBe(digest);
  });
});
