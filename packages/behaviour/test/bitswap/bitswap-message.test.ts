import { blockCid, dagPbCodec, isGgenError, rawCodec, sha256, toHex } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { describe, expect, it } from "vitest";

import { decodeWants, encodeBlockHead, encodePresences, maxWants } from "../../src/bitswap/bitswap-message.ts";
import { readFields } from "../../src/wire/protobuf.ts";
import { wantlist } from "./wantlist.ts";

const block = Buffer.from("a block");
const { bytes: cid } = blockCid(rawCodec, block);

describe("decodeWants", () => {
  it("reads blocks, haves and cancels", () => {
    const entries = [{ cid }, { cid, have: true, sendDontHave: true }, { cid, cancel: true }];
    const digest = toHex(sha256(block));
    expect(decodeWants(wantlist(entries))).toEqual([
      { cid: new Uint8Array(cid), key: toHex(cid), digest, kind: "block", sendDontHave: false },
      { cid: new Uint8Array(cid), key: toHex(cid), digest, kind: "have", sendDontHave: true },
      { cid: new Uint8Array(cid), key: toHex(cid), digest, kind: "cancel", sendDontHave: false },
    ]);
  });

  it("knows no block of another hash, nor of what is no CID", () => {
    const sha1 = CID.createV1(rawCodec, createDigest(0x11, new Uint8Array(20))).bytes;
    const identity = CID.createV1(rawCodec, createDigest(0, block)).bytes;
    const wants = decodeWants(wantlist([{ cid: sha1 }, { cid: identity }, { cid: Uint8Array.of(1, 2, 3) }]));
    expect(wants.map(({ digest }) => digest)).toEqual([undefined, undefined, undefined]);
  });

  it("looks at no more entries than there may be wants", () => {
    expect(decodeWants(wantlist(Array.from({ length: maxWants + 50 }, () => ({ cid }))))).toHaveLength(maxWants);
  });

  it("reads negative priorities and skips unknown fields", () => {
    const negative = Buffer.from("10ffffffffffffffffff01", "hex");
    const unknown = Buffer.from("7d01020304", "hex");
    const inner = Buffer.concat([Buffer.from([0x0a, cid.byteLength]), cid, negative, unknown]);
    const list = Buffer.concat([Buffer.from([0x0a, inner.byteLength]), inner]);
    expect(decodeWants(Buffer.concat([Buffer.from([0x0a, list.byteLength]), list]))).toMatchObject([{ kind: "block" }]);
  });

  it.each([
    ["a length that goes on behind the end", "0a7f00"],
    ["a varint that never ends", "08ffffffffffffffffffffff"],
    ["a varint cut off", "08ff"],
    ["the field number 0", "0001"],
    ["a group", "0b0c"],
    ["a length near 2^63", "0affffffffffffffff7f"],
  ])("refuses %s", (_, hex) => {
    expect(() => decodeWants(Buffer.from(hex, "hex"))).toThrow(expect.objectContaining({ code: "network.protocol" }));
  });

  it("answers any bytes with wants or a refusal", () => {
    const valid = fc
      .array(fc.record({ cid: fc.uint8Array({ maxLength: 60 }), have: fc.boolean(), cancel: fc.boolean() }))
      .map((entries) => wantlist(entries));
    const flipped = fc.tuple(valid, fc.nat(), fc.nat(255)).map(([bytes, at, value]) => {
      const copy = Uint8Array.from(bytes);
      if (copy.byteLength > 0) copy[at % copy.byteLength] = value;
      return copy;
    });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), valid, flipped), (bytes) => {
        try {
          expect(decodeWants(bytes).length).toBeLessThanOrEqual(maxWants);
        } catch (error) {
          if (!isGgenError(error, "network.protocol")) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe("what is sent", () => {
  it("is a payload with the CID's prefix, for either kind of block", () => {
    for (const codec of [rawCodec, dagPbCodec] as const) {
      const { bytes } = blockCid(codec, block);
      const message = Buffer.concat([encodeBlockHead(bytes, block.byteLength), block]);
      const [payload] = readFields(message);
      expect(payload?.number).toBe(3);
      const parts = [...readFields(payload?.value as Uint8Array)];
      expect(parts.map(({ number }) => number)).toEqual([1, 2]);
      expect(toHex(parts[0]?.value as Uint8Array)).toBe(toHex(bytes.subarray(0, 4)));
      expect(Buffer.compare(parts[1]?.value as Uint8Array, block)).toBe(0);
    }
  });

  it("says of each CID whether it is here", () => {
    const parts = [...readFields(encodePresences([true, false].map((held) => ({ cid, held }))))];
    const said = parts.map(({ value }) => [...readFields(value as Uint8Array)].map((field) => field.value));
    expect(said.map(([, type]) => type)).toEqual([0, 1]);
  });
});
