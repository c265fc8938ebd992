import * as fc from "fast-check";
import { UnixFS } from "ipfs-unixfs";
import { describe, expect, it } from "vitest";

import { encodeFileData, readFileSize } from "../../src/content/file-data.ts";

const size = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 31 }),
  fc.constantFrom(127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 3 * 2 ** 31),
  fc.integer({ min: 0, max: 2 ** 42 }),
);

describe("encodeFileData", () => {
  it("is read by ipfs-unixfs, also where that writes wrongly: sizes with bit 31 set", () => {
    fc.assert(
      fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
        const bytes = encodeFileData(sizes);
        const read = UnixFS.unmarshal(bytes);
        expect(read.type).toBe("file");
        expect(read.data).toBeUndefined();
        expect(read.blockSizes.map(Number)).toEqual(sizes);
        expect(readFileSize(bytes)).toBe(sizes.reduce((sum, item) => sum + item, 0));
      }),
    );
  });

  it("is what ipfs-unixfs writes below 2 GiB", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 20 }), { maxLength: 1024 }), (sizes) => {
        const theirs = new UnixFS({ type: "file", blockSizes: sizes.map(BigInt) }).marshal();
        expect(Buffer.compare(encodeFileData(sizes), theirs)).toBe(0);
      }),
    );
  });

  it("has the same bytes for 2 GiB and 1 every time", () => {
    const expected = "080218818080800820808080800420808080800420 01".replaceAll(" ", "");
    expect(Buffer.from(encodeFileData([2 ** 30, 2 ** 30, 1])).toString("hex")).toBe(expected);
  });
});

describe("readFileSize", () => {
  it("answers undefined for anything else, and never throws", () => {
    for (const bytes of [
      [],
      [8, 2],
      [8, 2, 0x18],
      [8, 1, 0x18, 5],
      [8, 2, 0x18, ...Array.from({ length: 20 }, () => 0xff)],
    ]) {
      expect(readFileSize(Uint8Array.from(bytes))).toBeUndefined();
    }
    expect(readFileSize(Uint8Array.of(8, 2, 0x18, 5))).toBe(5);
  });
});
