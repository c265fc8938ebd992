import { randomBytes } from "node:crypto";

import { blockCid, protocols, rawCodec, toHex } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { decodeAnswerHeader, encodeChunkRequest, wholeRequest } from "../../src/wire/chunk-messages.ts";
import { encodeVarint } from "../../src/wire/varint.ts";
import { startNode } from "../support/node.ts";
import { isReset, openRaw, readBytes, startRawPeer } from "../support/raw-peer.ts";

const ours = [protocols.sync, protocols.operations, protocols.chunks, protocols.search, protocols.receipt];

describe.each(ours)("%s", (protocol) => {
  it("ends the stream of a peer that announces an oversize frame, at once", async () => {
    const node = await startNode();
    const raw = await startRawPeer();
    const stream = await openRaw(raw, node, protocol);
    const reset = isReset(stream);
    stream.send(encodeVarint(2 ** 27));
    await reset;
    expect(raw.getConnections()).toHaveLength(1);
  });

  it("ends the stream of a peer that sends garbage, and serves the next one", async () => {
    const node = await startNode();
    const raw = await startRawPeer();
    for (let round = 0; round < 2; round += 1) {
      const stream = await openRaw(raw, node, protocol);
      const reset = isReset(stream);
      const garbage = randomBytes(64);
      // The first byte of another version of Negentropy would be answered in order.
      garbage[0] = 0xff;
      stream.send(Buffer.concat([encodeVarint(garbage.byteLength), garbage]));
      await reset;
    }
    expect(raw.getConnections()).toHaveLength(1);
  });
});

describe("unknown content", () => {
  it("is answered with missing, both to a have and to a get", async () => {
    const node = await startNode();
    const raw = await startRawPeer();
    const stream = await openRaw(raw, node, protocols.chunks);
    const cid = blockCid(rawCodec, randomBytes(8)).toString();
    for (const request of [
      { n: 1, have: cid },
      { n: 2, cid, get: [toHex(randomBytes(32))] },
    ]) {
      const answer = readBytes(stream, 11);
      const bytes = encodeChunkRequest(request);
      stream.send(Buffer.concat([encodeVarint(bytes.byteLength), bytes]));
      expect(decodeAnswerHeader(await answer)).toEqual({
        kind: "missing",
        n: request.n,
        index: wholeRequest,
        length: 0,
      });
    }
  });
});

describe("streams beyond the limit of a peer", () => {
  it("are refused, and do not disturb those within", async () => {
    const node = await startNode();
    const raw = await startRawPeer();
    const opened = await Promise.allSettled(Array.from({ length: 40 }, () => openRaw(raw, node, protocols.chunks)));
    const open = opened.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    const inbound = open.filter(({ status }) => status === "open");
    expect(inbound.length).toBeGreaterThan(0);
    const cid = blockCid(rawCodec, randomBytes(8)).toString();
    const bytes = encodeChunkRequest({ n: 7, have: cid });
    const answers = await Promise.allSettled(
      inbound.map((stream) => {
        const answer = readBytes(stream, 11);
        try {
          stream.send(Buffer.concat([encodeVarint(bytes.byteLength), bytes]));
        } catch (error) {
          return Promise.reject(error as Error);
        }
        return answer;
      }),
    );
    const served = answers.filter(({ status }) => status === "fulfilled").length;
    expect(served).toBeGreaterThan(0);
    expect(served).toBeLessThanOrEqual(16);
  });
});
