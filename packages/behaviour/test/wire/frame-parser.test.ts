import { isGgenError } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createFrameParser } from "../../src/wire/frame-parser.ts";
import { encodeVarint } from "../../src/wire/varint.ts";

function parse(bytes: Uint8Array, max: number, cut: number): { frames: Uint8Array[]; atBoundary: boolean } {
  const frames: Uint8Array[] = [];
  const parser = createFrameParser(max, (frame) => frames.push(frame));
  for (let at = 0; at < bytes.byteLength; at += cut) parser.push(bytes.subarray(at, at + cut));
  return { frames, atBoundary: parser.atBoundary };
}

describe("frames", () => {
  it("come out as they went in, however the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }),
        fc.integer({ min: 1, max: 64 }),
        (payloads, cut) => {
          const bytes = Buffer.concat(payloads.flatMap((payload) => [encodeVarint(payload.byteLength), payload]));
          const { frames, atBoundary } = parse(bytes, 300, cut);
          expect(frames).toEqual(payloads);
          expect(atBoundary).toBe(true);
        },
      ),
    );
  });

  it("of arbitrary bytes are refused only as broken protocol, and never buffered over the limit", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 1, max: 50 }), (bytes, cut) => {
        const parser = createFrameParser(100, (frame) => expect(frame.byteLength).toBeLessThanOrEqual(100));
        try {
          for (let at = 0; at < bytes.byteLength; at += cut) parser.push(bytes.subarray(at, at + cut));
        } catch (error) {
          expect(isGgenError(error, "network.protocol")).toBe(true);
        }
        expect(parser.pendingBytes).toBeLessThanOrEqual(100);
      }),
    );
  });

  it.each([
    ["a length over the limit", [0xe5, 0x01]],
    ["a length of five bytes", [0x80, 0x80, 0x80, 0x80, 0x01]],
    ["a padded length", [0x80, 0x00]],
  ])("with %s are refused before any payload", (_name, bytes) => {
    expect(() => parse(Uint8Array.from(bytes), 228, 1)).toThrow(
      expect.objectContaining({ code: "network.protocol" }) as Error,
    );
  });

  it("that are begun and not ended are noticed", () => {
    expect(parse(Uint8Array.from([3, 1, 2]), 10, 1)).toEqual({ frames: [], atBoundary: false });
  });
});
