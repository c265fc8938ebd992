import { createHash } from "node:crypto";

import { blockCid, chunkSize, rawCodec } from "@ggen/p2p-types";
import { encode } from "@ipld/dag-cbor";
import { describe, expect, it } from "vitest";

import { createAnswerParser, unasked } from "../../src/wire/answer-parser.ts";
import {
  answerHeaderBytes,
  type AnswerKind,
  decodeAnswerHeader,
  decodeChunkRequest,
  encodeAnswerHeader,
  maxBlocksPerRequest,
  maxHaveMapBytes,
} from "../../src/wire/chunk-messages.ts";
import {
  decodeCopyAnswer,
  decodeReceiptAnswer,
  decodeReceiptRequest,
  maxChallengedBlocks,
  possessionProof,
} from "../../src/wire/receipt-messages.ts";

const cid = blockCid(rawCodec, new Uint8Array());
const other = Uint8Array.from(cid.bytes, (byte, at) => (at === 1 ? 0x71 : byte));
const digest = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const digests = (count: number): Uint8Array[] => Array.from({ length: count }, (_, at) => digest(at));
/** The refusal of a message with a wrong field of this name. */
const refusal = (field: string): Error =>
  expect.objectContaining({
    code: "network.protocol",
    message: expect.stringContaining(`"${field}"`) as string,
  }) as Error;

describe("a chunk request", () => {
  it("asks for one block to as many as there may be", () => {
    for (const count of [1, maxBlocksPerRequest]) {
      const request = decodeChunkRequest(encode({ n: 0xffffffff, cid: cid.bytes, get: digests(count) }));
      expect(request).toMatchObject({ n: 0xffffffff, cid: cid.toString() });
      expect("get" in request && request.get).toHaveLength(count);
    }
    expect(decodeChunkRequest(encode({ n: 0, have: cid.bytes }))).toEqual({ n: 0, have: cid.toString() });
  });

  it.each([
    ["get", { n: 1, cid: cid.bytes, get: [] }],
    ["get", { n: 1, cid: cid.bytes, get: digests(maxBlocksPerRequest + 1) }],
    ["get[0]", { n: 1, cid: cid.bytes, get: [digest(1, 31)] }],
    ["get[1]", { n: 1, cid: cid.bytes, get: [digest(1), digest(1, 33)] }],
    ["cid", { n: 1, cid: other, get: digests(1) }],
    ["cid", { n: 1, cid: digest(0xff, 36), get: digests(1) }],
    ["cid", { n: 1, cid: cid.bytes.subarray(0, 35), get: digests(1) }],
    ["have", { n: 1, have: other }],
    ["have", { n: 1, have: digest(0xff, 36) }],
    ["have", { n: 1, have: digest(0, 37) }],
    ["n", { n: -1, have: cid.bytes }],
    ["n", { have: cid.bytes }],
    ["x", { n: 1, have: cid.bytes, x: 0 }],
    ["get", { n: 1, have: cid.bytes, get: digests(1) }],
    ["x", { n: 1, cid: cid.bytes, get: digests(1), x: 0 }],
  ])("is refused for its %s: %#", (field, request) => {
    expect(() => decodeChunkRequest(encode(request))).toThrow(refusal(field));
  });
});

describe("a chunk header", () => {
  const most: Readonly<Record<AnswerKind, number>> = {
    have: 64 * 1024,
    block: chunkSize,
    missing: 0,
    refused: 0,
    busy: 0,
  };
  it.each(Object.entries(most) as [AnswerKind, number][])("of %s has at most %i bytes after it", (kind, max) => {
    const header = { kind, n: 0xfffffffe, index: 0xfffd, length: max };
    expect(decodeAnswerHeader(encodeAnswerHeader(header))).toEqual(header);
    const over = encodeAnswerHeader({ ...header, length: max + 1 });
    expect(() => decodeAnswerHeader(over)).toThrow(expect.objectContaining({ code: "network.protocol" }) as Error);
  });

  it("is so long, and its numbers stand where the protocol says", () => {
    expect(maxHaveMapBytes).toBe(65_536);
    const bytes = encodeAnswerHeader({ kind: "block", n: 0x01020304, index: 0x0506, length: 0x0708 });
    expect([...bytes]).toEqual([1, 1, 2, 3, 4, 5, 6, 0, 0, 7, 8]);
    // Also where it is a part of a larger buffer.
    const within = Uint8Array.of(9, ...bytes, 9).subarray(1, 1 + answerHeaderBytes);
    expect(decodeAnswerHeader(within)).toEqual({ kind: "block", n: 0x01020304, index: 0x0506, length: 0x0708 });
    for (const length of [0, answerHeaderBytes - 1, answerHeaderBytes + 1]) {
      expect(() => decodeAnswerHeader(new Uint8Array(length))).toThrow(
        expect.objectContaining({ code: "network.protocol" }) as Error,
      );
    }
    const kind = Uint8Array.from(bytes, (byte, at) => (at === 0 ? 5 : byte));
    expect(() => decodeAnswerHeader(kind)).toThrow(expect.objectContaining({ code: "network.protocol" }) as Error);
    expect(unasked("a block")).toMatchObject({ code: "network.protocol" });
  });
});

describe("the parser of answers", () => {
  it("shows a header before it takes a buffer, and takes none when it is refused", () => {
    const told: string[] = [];
    const refused = unasked("a block");
    const parser = createAnswerParser({
      onHeader: ({ n }) => {
        told.push(`header ${n}`);
        if (n === 2) throw refused;
      },
      onProgress: ({ n }, bytes) => told.push(`progress ${n} ${bytes}`),
      onAnswer: ({ n }, payload) => told.push(`answer ${n} ${payload.byteLength}`),
      take: (length) => {
        told.push(`take ${length}`);
        return new Uint8Array(length);
      },
    });
    parser.push(encodeAnswerHeader({ kind: "missing", n: 0, index: 0, length: 0 }));
    parser.push(encodeAnswerHeader({ kind: "block", n: 1, index: 0, length: 3 }));
    expect(parser.space()).toHaveLength(3);
    parser.push(Uint8Array.of(1, 2));
    parser.push(Uint8Array.of(3));
    expect(() => parser.push(encodeAnswerHeader({ kind: "block", n: 2, index: 0, length: 3 }))).toThrow(refused);
    expect(told).toEqual([
      "header 0",
      "answer 0 0",
      "header 1",
      "take 3",
      "progress 1 2",
      "progress 1 1",
      "answer 1 3",
      "header 2",
    ]);
  });
});

describe("a message about receipts", () => {
  const challenge = { cid: cid.bytes, nonce: digest(1), digests: digests(1) };
  it("challenges for one block to as many as there may be", () => {
    for (const count of [1, maxChallengedBlocks]) {
      const request = decodeReceiptRequest(encode({ ...challenge, digests: digests(count) }));
      expect("digests" in request && request.digests).toHaveLength(count);
    }
  });

  it.each([
    ["copy", { copy: digest(1, 31) }],
    ["copy", { copy: digest(1, 33) }],
    ["x", { copy: digest(1), x: 0 }],
    ["x", { ...challenge, x: 0 }],
    ["cid", { ...challenge, cid: other }],
    ["cid", { ...challenge, cid: digest(0xff, 36) }],
    ["cid", { ...challenge, cid: digest(0, 35) }],
    ["cid", { ...challenge, cid: digest(0, 37) }],
    ["nonce", { ...challenge, nonce: digest(1, 31) }],
    ["nonce", { ...challenge, nonce: digest(1, 33) }],
    ["digests", { ...challenge, digests: [] }],
    ["digests", { ...challenge, digests: digests(maxChallengedBlocks + 1) }],
    ["digests[0]", { ...challenge, digests: [digest(1, 31)] }],
    ["digests[0]", { ...challenge, digests: [digest(1, 33)] }],
  ])("is refused as a request for its %s: %#", (field, request) => {
    expect(() => decodeReceiptRequest(encode(request))).toThrow(refusal(field));
  });

  it("is refused as an answer with a field too many, a proof too many or of another length, or another word", () => {
    expect(decodeReceiptAnswer(encode({ proofs: [null, digest(2)] }))).toEqual([null, digest(2)]);
    const proofs = digests(maxChallengedBlocks + 1);
    expect(() => decodeReceiptAnswer(encode({ proofs }))).toThrow(refusal("proofs"));
    expect(() => decodeReceiptAnswer(encode({ proofs: [digest(1, 31)] }))).toThrow(refusal("proofs[0]"));
    expect(() => decodeReceiptAnswer(encode({ proofs: [digest(1, 33)] }))).toThrow(refusal("proofs[0]"));
    expect(() => decodeReceiptAnswer(encode({ proofs: [], x: 0 }))).toThrow(refusal("x"));
    expect(() => decodeCopyAnswer(encode({ copy: "perhaps" }))).toThrow(refusal("copy"));
    expect(() => decodeCopyAnswer(encode({ copy: "held", x: 0 }))).toThrow(refusal("x"));
  });

  it("proves possession by a hash over domain, nonce, peer and block", () => {
    const parts = [Buffer.from("ggen/receipt/v1\0"), digest(7), Uint8Array.of(1, 2, 3), Buffer.from("block")] as const;
    const expected = createHash("sha256").update(Buffer.concat(parts)).digest("hex");
    const proof = possessionProof(parts[1], parts[2], parts[3]);
    expect(Buffer.from(proof).toString("hex")).toBe(expected);
  });
});
