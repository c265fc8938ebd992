import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { blockCid, rawCodec, sha256, toHex, toPublisherId } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import * as chunks from "../../src/wire/chunk-messages.ts";
import * as direct from "../../src/wire/direct-messages.ts";
import * as operations from "../../src/wire/operation-messages.ts";
import * as receipts from "../../src/wire/receipt-messages.ts";
import * as search from "../../src/wire/search-messages.ts";
import { encodeVarint } from "../../src/wire/varint.ts";

const file = fileURLToPath(new URL("../../../../docs/vectors/wire.json", import.meta.url));

const hello = new TextEncoder().encode("hello");
const cid = blockCid(rawCodec, hello).toString();
const digest = toHex(sha256(hello));
const nonce = new Uint8Array(32).fill(7);
const peerId = Uint8Array.from([0x00, 0x24, 0x08, 0x01, 0x12, 0x20, ...Array.from({ length: 32 }, (_, n) => n)]);
const { wholeRequest } = chunks;

interface Vector {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const vectors: readonly Vector[] = [
  { name: "length prefix of 300", bytes: encodeVarint(300) },
  { name: "length prefix of 1048576", bytes: encodeVarint(1_048_576) },
  { name: "ops: get {digest of hello}", bytes: operations.encodeOperationRequest({ get: [digest] }) },
  {
    name: "ops: publisher whose genesis is {digest of hello}, limit 10",
    bytes: operations.encodeOperationRequest({ selector: { publisher: toPublisherId(digest) }, limit: 10 }),
  },
  {
    name: "ops: package io.example.a, limit 1",
    bytes: operations.encodeOperationRequest({ selector: { package: "io.example.a" }, limit: 1 }),
  },
  {
    name: "ops: package io.example.a, limit 512, without the first 512",
    bytes: operations.encodeOperationRequest({ selector: { package: "io.example.a" }, limit: 512, offset: 512 }),
  },
  { name: "ops: put one envelope of the bytes of hello", bytes: operations.encodeOperationRequest({ put: [hello] }) },
  { name: "ops: answer with that envelope", bytes: operations.encodeOperationAnswer({ envelopes: [hello] }) },
  { name: "ops: end of an answer, nothing more", bytes: operations.encodeOperationAnswer({ end: true, more: false }) },
  {
    name: "ops: answer to a put, 1 accepted, 2 known, 3 deferred, 4 rejected",
    bytes: operations.encodePutAnswer({ accepted: 1, known: 2, deferred: 3, rejected: 4 }),
  },
  { name: "chunks: request 1, have {cid of hello}", bytes: chunks.encodeChunkRequest({ n: 1, have: cid }) },
  {
    name: "chunks: request 2, the block of {cid of hello}",
    bytes: chunks.encodeChunkRequest({ n: 2, cid, get: [digest] }),
  },
  {
    name: "chunks: header of the have-map of request 1, 1 byte",
    bytes: chunks.encodeAnswerHeader({ kind: "have", n: 1, index: wholeRequest, length: 1 }),
  },
  {
    name: "chunks: header of block 0 of request 2, 5 bytes",
    bytes: chunks.encodeAnswerHeader({ kind: "block", n: 2, index: 0, length: 5 }),
  },
  {
    name: "chunks: block 3 of request 258 is missing",
    bytes: chunks.encodeAnswerHeader({ kind: "missing", n: 258, index: 3, length: 0 }),
  },
  {
    name: "chunks: request 2 is refused",
    bytes: chunks.encodeAnswerHeader({ kind: "refused", n: 2, index: wholeRequest, length: 0 }),
  },
  {
    name: "chunks: ask request 2 again later",
    bytes: chunks.encodeAnswerHeader({ kind: "busy", n: 2, index: wholeRequest, length: 0 }),
  },
  { name: "direct: question for a ticket", bytes: direct.encodeDirectQuestion() },
  {
    name: "direct: ticket of 32 bytes 07 for port 4001",
    bytes: direct.encodeDirectTicket({ port: 4001, token: nonce }),
  },
  {
    name: "direct: request to 192.0.2.1 with that ticket",
    bytes: direct.encodeDirectRequest("192.0.2.1", { port: 4001, token: nonce }),
  },
  {
    name: "direct: request to 2001:db8::1 with that ticket",
    bytes: direct.encodeDirectRequest("2001:db8::1", { port: 4001, token: nonce }),
  },
  { name: "direct: the request is accepted", bytes: direct.directAccepted },
  {
    name: "search: text rust cli, tag template, limit 5",
    bytes: search.encodeSearchRequest({ text: "rust cli", tags: ["template"], limit: 5 }),
  },
  { name: "search: 17 packages match", bytes: search.encodeSearchTotal(17) },
  {
    name: "receipt: challenge of {cid of hello} with a nonce of 32 bytes 07",
    bytes: receipts.encodeReceiptRequest({ cid, nonce, digests: [digest] }),
  },
  {
    name: "receipt: proof by peer 002408011220 00 01 … 1f, that nonce, block hello",
    bytes: receipts.possessionProof(nonce, peerId, hello),
  },
  {
    name: "receipt: answer with that proof and one block not held",
    bytes: receipts.encodeReceiptAnswer([receipts.possessionProof(nonce, peerId, hello), null]),
  },
  {
    name: "receipt: take a copy of release 07 … 07",
    bytes: receipts.encodeReceiptRequest({ copy: "07".repeat(32) }),
  },
  { name: "receipt: the copy will be fetched", bytes: receipts.encodeCopyAnswer("coming") },
];

describe("the vectors of docs/vectors/wire.json", () => {
  it("are what this code writes", async () => {
    const written = { vectors: vectors.map(({ name, bytes }) => ({ name, hex: toHex(bytes) })) };
    if (process.env["UPDATE_DOCS"] === "1") await writeFile(file, `${JSON.stringify(written, undefined, 2)}\n`);
    expect(JSON.parse(await readFile(file, "utf8"))).toEqual(written);
  });
});
