import { randomBytes } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { chunkSize, protocols, systemClock } from "@ggen/p2p-types";
import { describe, expect, it, onTestFinished } from "vitest";

import { createStreamChannel } from "../../src/chunks/chunk-channel.ts";
import { serveChunks } from "../../src/chunks/chunk-server.ts";
import { createBandwidthCaps } from "../../src/limits/bandwidth.ts";
import { limits } from "../../src/limits/limits.ts";
import { createRequestGate } from "../../src/limits/request-gate.ts";
import { FrameStream } from "../../src/stream/frame-stream.ts";
import {
  type AnswerKind,
  type ChunkRequest,
  decodeChunkRequest,
  encodeAnswerHeader,
  maxChunkRequestBytes,
  wholeRequest,
} from "../../src/wire/chunk-messages.ts";
import { directAccepted, encodeDirectTicket, maxDirectFrameBytes } from "../../src/wire/direct-messages.ts";
import { createFrameParser } from "../../src/wire/frame-parser.ts";
import { MemoryContents } from "../support/memory-contents.ts";
import { connect, startNode, type TestNode } from "../support/node.ts";
import { startRawPeer } from "../support/raw-peer.ts";

const host = "127.0.0.1";

async function* one(peerId: string): AsyncGenerator<string> {
  yield peerId;
}

/** Fetches a fresh content of so many chunks. @returns how much of it came directly */
async function fetchFresh(asker: TestNode, holder: TestNode, chunks: number): Promise<number> {
  const bytes = randomBytes(chunks * chunkSize - 1);
  const content = holder.contents.put(bytes);
  const writer = await asker.contents.open(content);
  const report = await asker.behaviour.download(writer, { providers: one(holder.behaviour.peerId) });
  await writer.finish();
  expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
  expect(report.bytes).toBe(bytes.byteLength);
  return report.directBytes;
}

async function protocolsOf(node: TestNode): Promise<readonly string[]> {
  return (await node.behaviour.peers()).flatMap((peer) => peer.protocols);
}

describe("a large content", () => {
  it("comes over a direct connection, which stays for the next one", async () => {
    const [holder, asker] = await Promise.all([startNode(), startNode()]);
    await connect(asker, holder);
    await expect.poll(() => fetchFresh(asker, holder, 5), { timeout: 20_000, interval: 0 }).toBeGreaterThan(0);
    expect(await fetchFresh(asker, holder, 5)).toBe(5 * chunkSize - 1);
    expect(await fetchFresh(asker, holder, 1)).toBe(0);
  });

  it.each([
    ["the holder", false, true],
    ["the asker", true, false],
  ])("comes over the stream when %s does not want direct connections", async (_name, ofHolder, ofAsker) => {
    const holder = await startNode({ network: { directTransfer: ofHolder } });
    const asker = await startNode({ network: { directTransfer: ofAsker } });
    await connect(asker, holder);
    for (let round = 0; round < 2; round += 1) expect(await fetchFresh(asker, holder, 5)).toBe(0);
  });

  it("of a private network comes over the stream: nobody offers anything else", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ggen-direct-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const privateNetworkKey = join(folder, "swarm.key");
    await writeFile(privateNetworkKey, `/key/swarm/psk/1.0.0/\n/base16/\n${"5a".repeat(32)}\n`);
    const init = { security: { privateNetworkKey }, network: { directTransfer: true } };
    const [holder, asker] = await Promise.all([startNode(init), startNode(init)]);
    await connect(asker, holder);
    for (let round = 0; round < 2; round += 1) expect(await fetchFresh(asker, holder, 5)).toBe(0);
    expect(await protocolsOf(asker)).toContain(protocols.chunks);
    expect(await protocolsOf(asker)).not.toContain(protocols.direct);
  });

  it.each<[string, (socket: Socket, request: Request) => void]>([
    ["breaks", (socket) => void socket.destroy()],
    ["ends", (socket) => void socket.end()],
    ["gives what was not asked for", (socket, { n }) => void socket.write(header(n + 1, 0, 10))],
    ["gives larger blocks than there are", (socket, { n }) => void socket.write(header(n, 0, chunkSize + 1))],
    ["gives garbage", (socket) => void socket.write(Buffer.alloc(100, 9))],
    ["ends after it was busy", (socket, { n }) => void socket.end(header(n, wholeRequest, 0, "busy"))],
  ])("goes on over the stream when the direct connection %s", async (_name, misbehave) => {
    const { asker, holder, direct } = await divertedHolder(misbehave);
    const bytes = randomBytes(9 * chunkSize);
    direct.misbehaves = true;
    const content = holder.contents.put(bytes);
    const writer = await asker.contents.open(content);
    const report = await asker.behaviour.download(writer, { providers: one(holder.peerId) });
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
    expect(report.failedPeers).toEqual([]);
    expect(direct.asked).toBeGreaterThan(0);
  });

  it("that is spoilt on the direct connection is no lie of its holder: it comes over the stream", async () => {
    const { asker, holder, direct } = await divertedHolder((socket, { n, get }) => {
      for (const index of get.keys()) {
        socket.write(header(n, index, chunkSize));
        socket.write(Buffer.alloc(chunkSize, 1));
      }
    });
    const bytes = randomBytes(9 * chunkSize);
    direct.misbehaves = true;
    const content = holder.contents.put(bytes);
    const writer = await asker.contents.open(content);
    const report = await asker.behaviour.download(writer, { providers: one(holder.peerId) });
    expect(Buffer.compare(asker.contents.bytes(content.cid), bytes)).toBe(0);
    expect(direct.asked).toBeGreaterThan(0);
    expect(report.directBytes).toBe(0);
    expect(asker.evidence).not.toContainEqual(expect.objectContaining({ kind: "lie" }));
    expect(asker.evidence).toContainEqual({ kind: "failure", peerId: holder.peerId, reason: "spoilt" });
    // Nor is it tried again.
    const { connections } = direct;
    const again = await asker.contents.open(holder.contents.put(randomBytes(6 * chunkSize)));
    const second = await asker.behaviour.download(again, { providers: one(holder.peerId) });
    expect(second.directBytes).toBe(0);
    expect(direct.connections).toBe(connections);
  });
});

const header = (n: number, index: number, length: number, kind: AnswerKind = "block"): Uint8Array =>
  encodeAnswerHeader({ kind, n, index, length });

type Request = Extract<ChunkRequest, { readonly get: readonly string[] }>;

interface Direct {
  connections: number;
  /** Whether it answers as the test wants it to; honestly until then. */
  misbehaves: boolean;
  /** Requests since it misbehaves. */
  asked: number;
}

/**
 * An honest holder whose direct connections lead to somebody else, and a node that has such a connection to it already.
 */
async function divertedHolder(misbehave: (socket: Socket, request: Request) => void): Promise<{
  asker: TestNode;
  holder: { readonly peerId: string; readonly contents: MemoryContents };
  direct: Direct;
}> {
  const asker = await startNode();
  const raw = await startRawPeer();
  const contents = new MemoryContents();
  const components = {
    contents,
    clock: systemClock,
    gate: createRequestGate(limits.chunksRate, limits.activeRequests),
    upload: createBandwidthCaps(systemClock, 0, 0),
    onSent() {},
  };
  const direct: Direct = { connections: 0, misbehaves: false, asked: 0 };
  const answer = async (socket: Socket, { n, cid, get }: Request): Promise<void> => {
    for (const [index, digest] of get.entries()) {
      const block = (await contents.readBlock(cid, digest)) ?? new Uint8Array();
      socket.write(header(n, index, block.byteLength));
      socket.write(block);
    }
  };
  const server = createServer((socket) => {
    direct.connections += 1;
    socket.on("error", () => {});
    const parser = createFrameParser(maxChunkRequestBytes, (frame) => {
      const request = decodeChunkRequest(frame);
      if (!("get" in request)) return;
      const isHonest = !direct.misbehaves || contents.isNode(request.cid, request.get[0] ?? "");
      if (isHonest) {
        void answer(socket, request);
      } else {
        direct.asked += 1;
        misbehave(socket, request);
      }
    });
    socket.once("data", () => {
      socket.write(directAccepted);
      socket.on("data", (bytes: Uint8Array) => parser.push(bytes));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  await raw.handle(protocols.chunks, async (stream, { remotePeer }) => {
    await serveChunks(components, createStreamChannel(stream), remotePeer.toString()).catch(() => {});
  });
  await raw.handle(protocols.direct, async (stream) => {
    const frames = new FrameStream(stream, maxDirectFrameBytes);
    await frames.expect();
    await frames.send(encodeDirectTicket({ port, token: new Uint8Array(32) }));
    await frames.close();
  });
  const peerId = await asker.behaviour.dial(raw.getMultiaddrs()[0]?.toString() ?? "");
  const fetchDirectly = async (): Promise<number> => {
    const writer = await asker.contents.open(contents.put(randomBytes(limits.directBytes + 1)));
    return (await asker.behaviour.download(writer, { providers: one(peerId) })).directBytes;
  };
  await expect.poll(fetchDirectly, { timeout: 20_000, interval: 0 }).toBeGreaterThan(0);
  return { asker, holder: { peerId, contents }, direct };
}
