import { randomBytes } from "node:crypto";

import { blockCid, chunkSize, protocols, rawCodec, sha256, toHex } from "@ggen/p2p-types";
import type { Libp2p } from "@libp2p/interface";
import { describe, expect, it } from "vitest";

import { maxMessageBytes, maxWants } from "../../src/bitswap/bitswap-message.ts";
import { readFields } from "../../src/wire/protobuf.ts";
import type { BlockSource } from "../../src/index.ts";
import { createFrameParser } from "../../src/wire/frame-parser.ts";
import { encodeVarint } from "../../src/wire/varint.ts";
import { startNode, type TestNode } from "../support/node.ts";
import { isReset, openRaw, startRawPeer } from "../support/raw-peer.ts";
import { type Entry, wantlist } from "./wantlist.ts";

/** Blocks in memory, and how often one was read. */
function blocksOf(blocks: readonly Uint8Array[]): BlockSource & { reads: number } {
  const byDigest = new Map(blocks.map((block) => [toHex(sha256(block)), block]));
  return {
    reads: 0,
    hasBlock: (digest) => byDigest.has(digest),
    findBlock(digest) {
      this.reads += 1;
      return Promise.resolve(byDigest.get(digest));
    },
  };
}

const cidOf = (block: Uint8Array): Uint8Array => blockCid(rawCodec, block).bytes;

/** Handles Bitswap at a raw peer: what it is answered. */
async function listen(raw: Libp2p): Promise<{ next(count: number): Promise<void>; messages: Uint8Array[] }> {
  const messages: Uint8Array[] = [];
  let waiting = { count: Number.POSITIVE_INFINITY, resolve: (): void => {} };
  await raw.handle(protocols.bitswap, (stream) => {
    const parser = createFrameParser(4 << 20, (frame) => {
      messages.push(frame);
      if (messages.length >= waiting.count) waiting.resolve();
    });
    stream.addEventListener("message", ({ data }) => parser.push(data.subarray()));
  });
  return {
    messages,
    next: (count) =>
      new Promise((resolve) => {
        if (messages.length >= count) resolve();
        else waiting = { count, resolve };
      }),
  };
}

async function want(raw: Libp2p, node: TestNode, entries: readonly Entry[]): Promise<void> {
  const stream = await openRaw(raw, node, protocols.bitswap);
  const message = wantlist(entries);
  stream.send(Buffer.concat([encodeVarint(message.byteLength), message]));
  await stream.close();
}

const fieldsOf = (message: Uint8Array): number[] => [...readFields(message)].map(({ number }) => number);
const dataOf = (message: Uint8Array): Uint8Array =>
  [...readFields([...readFields(message)][0]?.value as Uint8Array)][1]?.value as Uint8Array;

describe("a node that serves Bitswap", () => {
  it("sends the blocks that it has, and says which it has and has not", async () => {
    const [small, whole] = [randomBytes(10), randomBytes(chunkSize)];
    const node = await startNode({}, { blocks: blocksOf([small, whole]) });
    const raw = await startRawPeer();
    const heard = await listen(raw);
    const unknown = cidOf(randomBytes(8));
    await want(raw, node, [
      { cid: cidOf(small), have: true },
      { cid: unknown, sendDontHave: true },
      { cid: cidOf(randomBytes(8)) },
      { cid: cidOf(whole) },
    ]);
    await heard.next(2);
    expect(fieldsOf(heard.messages[0] as Uint8Array)).toEqual([4, 4]);
    expect(Buffer.compare(dataOf(heard.messages[1] as Uint8Array), whole)).toBe(0);

    await want(raw, node, [{ cid: cidOf(small) }]);
    await heard.next(3);
    expect(Buffer.compare(dataOf(heard.messages[2] as Uint8Array), small)).toBe(0);
  });

  it("reads each block once, however often one message asks for it", async () => {
    const [block, last] = [randomBytes(10), randomBytes(11)];
    const blocks = blocksOf([block, last]);
    const node = await startNode({}, { blocks });
    const raw = await startRawPeer();
    const heard = await listen(raw);
    const entries = Array.from({ length: maxWants - 1 }, () => ({ cid: cidOf(block) }));
    await want(raw, node, [...entries, { cid: cidOf(last) }]);
    await heard.next(2);
    expect(blocks.reads).toBe(2);
  });

  it("sends nothing that was cancelled in time", async () => {
    const [block, last] = [randomBytes(10), randomBytes(11)];
    const node = await startNode({}, { blocks: blocksOf([block, last]) });
    const raw = await startRawPeer();
    const heard = await listen(raw);
    await want(raw, node, [{ cid: cidOf(block) }, { cid: cidOf(block), cancel: true }, { cid: cidOf(last) }]);
    await heard.next(1);
    expect(Buffer.compare(dataOf(heard.messages[0] as Uint8Array), last)).toBe(0);
  });

  it.each([
    ["announces an oversize message", encodeVarint(maxMessageBytes + 1)],
    ["sends a malformed message", Uint8Array.of(3, 0x0a, 0x7f, 0)],
  ])("ends the stream of a peer that %s, and serves the next one", async (_, bytes) => {
    const block = randomBytes(10);
    const node = await startNode({}, { blocks: blocksOf([block]) });
    const raw = await startRawPeer();
    const heard = await listen(raw);
    const stream = await openRaw(raw, node, protocols.bitswap);
    const reset = isReset(stream);
    stream.send(bytes);
    await reset;
    await want(raw, node, [{ cid: cidOf(block) }]);
    await heard.next(1);
    expect(heard.messages).toHaveLength(1);
  });
});

it("a node without it does not speak the protocol", async () => {
  const node = await startNode();
  const raw = await startRawPeer();
  await expect(openRaw(raw, node, protocols.bitswap)).rejects.toMatchObject({ name: "UnsupportedProtocolError" });
});
