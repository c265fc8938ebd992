import { isDeepStrictEqual } from "node:util";

import { blockCid, chunkSize, isGgenError, maxEnvelopeBytes, rawCodec, toPublisherId } from "@ggen/p2p-types";
import { encode } from "@ipld/dag-cbor";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { createAnswerParser } from "../../src/wire/answer-parser.ts";
import {
  type AnswerHeader,
  answerHeaderBytes,
  answerKinds,
  decodeAnswerHeader,
  decodeChunkRequest,
  encodeAnswerHeader,
  encodeChunkRequest,
  maxBlocksPerRequest,
  maxChunkRequestBytes,
  wholeRequest,
} from "../../src/wire/chunk-messages.ts";
import {
  decodeOperationAnswer,
  decodeOperationRequest,
  decodePutAnswer,
  encodeOperationAnswer,
  encodeOperationRequest,
  encodePutAnswer,
  maxListingOffset,
  maxOperationFrameBytes,
  maxOperationsPerRequest,
  packEnvelopes,
} from "../../src/wire/operation-messages.ts";
import {
  decodeCopyAnswer,
  decodeReceiptAnswer,
  decodeReceiptRequest,
  encodeCopyAnswer,
  encodeReceiptAnswer,
  encodeReceiptRequest,
} from "../../src/wire/receipt-messages.ts";
import {
  decodeSearchRequest,
  decodeSearchTotal,
  encodeSearchRequest,
  encodeSearchTotal,
} from "../../src/wire/search-messages.ts";

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 });
const hex = digest.map((bytes) => Buffer.from(bytes).toString("hex"));
const envelope = fc.uint8Array({ minLength: 1, maxLength: 200 });
const cid = fc.uint8Array({ maxLength: 20 }).map((bytes) => blockCid(rawCodec, bytes).toString());
const u32 = fc.integer({ min: 0, max: 0xffffffff });

const decoders = {
  decodeChunkRequest,
  decodeOperationRequest,
  decodeOperationAnswer,
  decodePutAnswer,
  decodeReceiptRequest,
  decodeReceiptAnswer,
  decodeSearchRequest,
  decodeSearchTotal,
  decodeAnswerHeader,
};

describe.each(Object.entries(decoders))("%s", (_name, decode: (bytes: Uint8Array) => unknown) => {
  const refusesOnlyAsProtocol = (bytes: Uint8Array): boolean => {
    try {
      decode(bytes);
      return true;
    } catch (error) {
      return isGgenError(error, "network.protocol");
    }
  };

  it("takes arbitrary bytes", () => {
    const bytes = fc.uint8Array({ maxLength: 200 });
    expect(fc.check(fc.property(bytes, refusesOnlyAsProtocol)).counterexample).toBeNull();
  });

  it("takes arbitrary values", () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom(null, true, false, -1, 0, 1.5, 2 ** 40, "", "x"),
        digest,
        fc.array(tie("any"), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom(
            "n",
            "have",
            "cid",
            "get",
            "put",
            "end",
            "more",
            "envelopes",
            "proofs",
            "text",
            "limit",
            "total",
          ),
          tie("any"),
          { maxKeys: 4 },
        ),
      ),
    })).any;
    const property = fc.property(value, (given) => refusesOnlyAsProtocol(encode(given)));
    expect(fc.check(property).counterexample).toBeNull();
  });
});

/** A value that does not come back as it went in; null when there is none. */
function lost<T>(
  values: fc.Arbitrary<T>,
  encodes: (value: T) => Uint8Array,
  decodes: (bytes: Uint8Array) => unknown,
): unknown {
  const property = fc.property(values, (given) => isDeepStrictEqual(plain(decodes(encodes(given))), plain(given)));
  return fc.check(property).counterexample;
}

/** Buffers as plain byte arrays, records without a prototype of their own. */
function plain(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, field: unknown) => (field instanceof Uint8Array ? [...field] : field)),
  ) as unknown;
}

describe("round trips", () => {
  it("of chunk requests", () => {
    const request = fc.oneof(
      fc.record({ n: u32, have: cid }),
      fc.record({ n: u32, cid, get: fc.array(hex, { minLength: 1, maxLength: maxBlocksPerRequest }) }),
    );
    fc.assert(
      fc.property(request, (given) => {
        const bytes = encodeChunkRequest(given);
        expect(bytes.byteLength).toBeLessThanOrEqual(maxChunkRequestBytes);
        expect(decodeChunkRequest(bytes)).toEqual(given);
      }),
    );
  });

  it("of chunk headers", () => {
    const header: fc.Arbitrary<AnswerHeader> = fc
      .record({ kind: fc.constantFrom(...answerKinds), n: u32, index: fc.integer({ min: 0, max: wholeRequest }) })
      .map((given) => ({ ...given, length: given.kind === "block" ? chunkSize : 0 }));
    fc.assert(
      fc.property(header, (given) => {
        expect(decodeAnswerHeader(encodeAnswerHeader(given))).toEqual(given);
      }),
    );
  });

  it("of operation requests and answers", () => {
    const request = fc.oneof(
      fc.record({ get: fc.array(hex, { maxLength: 20 }) }),
      fc.record({ put: fc.array(envelope, { maxLength: 20 }) }),
      fc.record({
        selector: fc.record({ publisher: hex.map(toPublisherId) }),
        limit: fc.integer({ min: 1, max: maxOperationsPerRequest }),
      }),
      fc.record({ selector: fc.record({ package: fc.string({ maxLength: 100 }) }), limit: fc.constant(1) }),
      fc.record({
        selector: fc.record({ package: fc.string({ maxLength: 100 }) }),
        limit: fc.constant(1),
        offset: fc.integer({ min: 1, max: maxListingOffset }),
      }),
    );
    expect(lost(request, encodeOperationRequest, decodeOperationRequest)).toBeNull();
    const answer = fc.oneof(
      fc.record({ envelopes: fc.array(envelope, { maxLength: 20 }) }),
      fc.record({ end: fc.constant(true as const), more: fc.boolean() }),
    );
    expect(lost(answer, encodeOperationAnswer, decodeOperationAnswer)).toBeNull();
    const count = fc.integer({ min: 0, max: maxOperationsPerRequest });
    const put = fc.record({ accepted: count, known: count, deferred: count, rejected: count });
    expect(lost(put, encodePutAnswer, decodePutAnswer)).toBeNull();
  });

  it("of receipts and searches", () => {
    const receipt = fc.record({ cid, nonce: digest, digests: fc.array(hex, { minLength: 1, maxLength: 8 }) });
    expect(lost(receipt, encodeReceiptRequest, decodeReceiptRequest)).toBeNull();
    const copy = fc.record({ copy: hex });
    expect(lost(copy, encodeReceiptRequest, decodeReceiptRequest)).toBeNull();
    expect(lost(fc.constantFrom("held", "coming", "unknown", "no"), encodeCopyAnswer, decodeCopyAnswer)).toBeNull();
    const proofs = fc.array(fc.oneof(digest, fc.constant(null)), { maxLength: 8 });
    expect(lost(proofs, encodeReceiptAnswer, decodeReceiptAnswer)).toBeNull();
    const words = fc.array(fc.string({ maxLength: 100 }), { maxLength: 5 });
    const query = fc.record(
      { text: fc.string({ maxLength: 100 }), keywords: words, tags: words, limit: fc.integer({ min: 1, max: 100 }) },
      { requiredKeys: ["limit"] },
    );
    expect(lost(query, encodeSearchRequest, decodeSearchRequest)).toBeNull();
    expect(decodeSearchTotal(encodeSearchTotal(7))).toBe(7);
  });
});

describe("limits", () => {
  it("keep packed envelopes within a frame and lose none", () => {
    const sizes = fc.array(fc.integer({ min: 1, max: maxEnvelopeBytes }), { maxLength: 200 });
    fc.assert(
      fc.property(sizes, (lengths) => {
        const envelopes = lengths.map((length) => new Uint8Array(length));
        const packed = [...packEnvelopes(envelopes)];
        expect(packed.flat().map(({ byteLength }) => byteLength)).toEqual(lengths);
        for (const part of packed) {
          expect(encodeOperationAnswer({ envelopes: part }).byteLength).toBeLessThanOrEqual(maxOperationFrameBytes);
          expect(encodeOperationRequest({ put: part }).byteLength).toBeLessThanOrEqual(maxOperationFrameBytes);
        }
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ["no digests", { n: 1, cid: new Uint8Array(36), get: [] }],
    ["65 digests", { n: 1, cid: new Uint8Array(36), get: Array.from({ length: 65 }, () => new Uint8Array(32)) }],
    ["a CID of version 0", { n: 1, have: Buffer.from(`1220${"00".repeat(34)}`, "hex") }],
    ["a number over 32 bits", { n: 2 ** 32, have: blockCid(rawCodec, new Uint8Array()).bytes }],
    ["a field too many", { n: 1, have: blockCid(rawCodec, new Uint8Array()).bytes, x: 1 }],
  ])("refuse a chunk request with %s", (_name, request) => {
    expect(() => decodeChunkRequest(encode(request))).toThrow(
      expect.objectContaining({ code: "network.protocol" }) as Error,
    );
  });

  it.each([
    ["an unknown kind", [9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
    ["a block over a chunk", [1, 0, 0, 0, 0, 0, 0, 0, 0x10, 0, 1]],
    ["a payload of what has none", [2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]],
  ])("refuse a chunk header with %s", (_name, bytes) => {
    expect(() => decodeAnswerHeader(Uint8Array.from(bytes))).toThrow(
      expect.objectContaining({ code: "network.protocol" }) as Error,
    );
  });
});

describe("the parser of answers", () => {
  it("gives back answers however the stream is cut", () => {
    const answers = fc.array(
      fc.record({ n: u32, index: fc.integer({ min: 0, max: 63 }), payload: fc.uint8Array({ maxLength: 100 }) }),
      { maxLength: 10 },
    );
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 40 }), (given, cut) => {
        const bytes = Buffer.concat(
          given.flatMap(({ n, index, payload }) => [
            encodeAnswerHeader({ kind: "block", n, index, length: payload.byteLength }),
            payload,
          ]),
        );
        const got: { n: number; index: number; payload: Uint8Array }[] = [];
        let progress = 0;
        const parser = createAnswerParser({
          onHeader: () => {},
          onProgress: (_header, count) => {
            progress += count;
          },
          onAnswer: ({ n, index }, payload) => got.push({ n, index, payload }),
          take: (length) => new Uint8Array(length),
        });
        for (let at = 0; at < bytes.byteLength; at += cut) parser.push(bytes.subarray(at, at + cut));
        expect(got).toEqual(given);
        expect(progress).toBe(bytes.byteLength - given.length * answerHeaderBytes);
      }),
    );
  });
});
