import { randomBytes } from "node:crypto";

import { protocols } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";
import { describe, expect, it } from "vitest";

import {
  type AnswerHeader,
  type BlocksRequest,
  decodeChunkRequest,
  encodeAnswerHeader,
  encodeChunkRequest,
  maxBlocksPerRequest,
  maxChunkRequestBytes,
  wholeRequest,
} from "../../src/wire/chunk-messages.ts";
import { encodeVarint } from "../../src/wire/varint.ts";
import { FrameStream } from "../../src/stream/frame-stream.ts";
import { connect, startNode, type TestNode } from "../support/node.ts";
import { openRaw, startRawPeer } from "../support/raw-peer.ts";

type Answer = (stream: Stream, request: BlocksRequest) => void;

/** A peer that answers requests for blocks as it is told, and a node that is connected to it. */
async function hostileHolder(answer: Answer): Promise<{
  node: TestNode;
  peerId: string;
  /** How many streams were opened to it. */
  opened: () => number;
}> {
  const node = await startNode();
  const raw = await startRawPeer();
  let opened = 0;
  await raw.handle(protocols.chunks, async (stream) => {
    opened += 1;
    const frames = new FrameStream(stream, maxChunkRequestBytes);
    for (let frame = await frames.next(); frame !== undefined; frame = await frames.next()) {
      const request = decodeChunkRequest(frame);
      if ("get" in request) answer(stream, request);
      else throw new Error("not asked for a have-map in these tests");
    }
  });
  const peerId = await node.behaviour.dial(raw.getMultiaddrs()[0]?.toString() ?? "");
  return { node, peerId, opened: () => opened };
}

async function* one(peerId: string): AsyncGenerator<string> {
  yield peerId;
}

const header = (fields: Partial<AnswerHeader> & { readonly n: number }): Uint8Array =>
  encodeAnswerHeader({ kind: "block", index: 0, length: 0, ...fields });

describe("a holder", () => {
  it.each<[string, string, Answer]>([
    [
      "that announces a block larger than its size",
      "broke the protocol",
      (stream, { n }) => void stream.send(header({ n, length: 1000 })),
    ],
    [
      "that answers what was not asked",
      "broke the protocol",
      (stream, { n }) => void stream.send(header({ n: n + 1, length: 100 })),
    ],
    [
      "that answers with a block beyond the list",
      "broke the protocol",
      (stream, { n }) => void stream.send(header({ n, index: 5, length: 100 })),
    ],
    [
      "that sends a have-map instead of a block",
      "broke the protocol",
      (stream, { n }) => void stream.send(header({ n, kind: "have" })),
    ],
    ["that sends garbage", "broke the protocol", (stream) => void stream.send(new Uint8Array(50).fill(9))],
    [
      "that refuses",
      "refused to serve it",
      (stream, { n }) => void stream.send(header({ n, kind: "refused", index: wholeRequest })),
    ],
    [
      "that sends another block of the right size",
      "sent bytes that do not match their hash",
      (stream, { n }) => void stream.send(Buffer.concat([header({ n, length: 100 }), randomBytes(100)])),
    ],
    [
      "that sends a block that is too short",
      "sent bytes that do not match their hash",
      (stream, { n }) => void stream.send(Buffer.concat([header({ n, length: 1 }), randomBytes(1)])),
    ],
  ])("%s is dropped, and the error says that it %s", async (_name, reason, answer) => {
    const { node, peerId } = await hostileHolder(answer);
    const content = (await startNode({}, { start: false })).contents.put(randomBytes(100));
    const writer = await node.contents.open(content);
    await expect(node.behaviour.download(writer, { providers: one(peerId) })).rejects.toMatchObject({
      code: "package.no-providers",
      data: { asked: [{ peerId, answer: reason }] },
    });
    expect(writer.missing()).toHaveLength(1);
  });

  it("that is busy at first is asked again", async () => {
    const bytes = randomBytes(100);
    let times = 0;
    const { node, peerId } = await hostileHolder((stream, { n }) => {
      times += 1;
      stream.send(
        times === 1
          ? header({ n, kind: "busy", index: wholeRequest })
          : Buffer.concat([header({ n, length: 100 }), bytes]),
      );
    });
    const content = (await startNode({}, { start: false })).contents.put(bytes);
    const writer = await node.contents.open(content);
    const report = await node.behaviour.download(writer, { providers: one(peerId) });
    expect(report.perPeer).toEqual([{ peerId, bytes: 100 }]);
    expect(times).toBe(2);
  });
});

describe("a content of one chunk", () => {
  it("takes one request on the stream that is open, and nothing else", async () => {
    const contents = [randomBytes(6000), randomBytes(6000)];
    const asked: string[] = [];
    const { node, peerId, opened } = await hostileHolder((stream, { n, get }) => {
      asked.push(...get);
      const bytes = contents[asked.length - 1] ?? new Uint8Array();
      stream.send(Buffer.concat([header({ n, length: bytes.byteLength }), bytes]));
    });
    const store = (await startNode({}, { start: false })).contents;
    const fetch = async (bytes: Uint8Array): Promise<void> => {
      const writer = await node.contents.open(store.put(bytes));
      await node.behaviour.download(writer, { providers: one(peerId) });
      await writer.finish();
    };
    await fetch(contents[0] ?? new Uint8Array());
    await fetch(contents[1] ?? new Uint8Array());
    // Two requests, of one block each: whoever asked for a have-map or a ticket would have made it more.
    expect(asked).toHaveLength(2);
    expect(opened()).toBe(1);
  });
});

describe("an asker that does not read", () => {
  it("makes the server wait: it reads no more than fits the stream and its buffer", async () => {
    const node = await startNode();
    const content = node.contents.put(randomBytes(60 * 1024 * 1024));
    const digests = await leavesOf(node, content.cid);
    const raw = await startRawPeer();
    const stream = await openRaw(raw, node, protocols.chunks);
    stream.pause();
    const readsBefore = node.contents.reads;
    const request = encodeChunkRequest({ n: 0, cid: content.cid, get: digests.slice(0, maxBlocksPerRequest) });
    stream.send(Buffer.concat([encodeVarint(request.byteLength), request]));
    let last = -1;
    await expect
      .poll(
        () => {
          const isQuiet = node.contents.reads === last && last > readsBefore;
          last = node.contents.reads;
          return isQuiet;
        },
        { interval: 200 },
      )
      .toBe(true);
    expect(node.contents.reads - readsBefore).toBeLessThanOrEqual(8);
  });
});

async function leavesOf(node: TestNode, cid: string): Promise<string[]> {
  const other = await startNode();
  await connect(other, node);
  const writer = await other.contents.open(node.contents.stat(cid)?.content ?? { cid, size: 0, sha256: "" });
  const [root] = writer.missing();
  const block = await node.contents.readBlock(cid, root?.digest ?? "");
  if (root !== undefined && block !== undefined) await writer.put(root, block);
  await other.behaviour.stop();
  return writer.missing().map(({ digest }) => digest);
}
