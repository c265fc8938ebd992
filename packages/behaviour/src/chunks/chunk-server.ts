import type { Clock, ContentStore } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";

import type { BandwidthCap } from "../limits/bandwidth.ts";
import type { RequestGate } from "../limits/request-gate.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { safeSend } from "../stream/safe-send.ts";
import {
  type AnswerKind,
  type BlocksRequest,
  type ChunkRequest,
  decodeChunkRequest,
  encodeAnswerHeader,
  maxChunkRequestBytes,
  wholeRequest,
} from "../wire/chunk-messages.ts";

/** What the server of chunks needs. */
export interface ChunkServerComponents {
  readonly contents: ContentStore;
  readonly clock: Clock;
  readonly gate: RequestGate;
  readonly upload: BandwidthCap;
  /** Told of every payload that was sent. */
  onSent(bytes: number): void;
}

/**
 * Answers one `/ggen/chunks/1` stream until its other side ends it. Requests are answered one after the other, with the
 * next block read while the last is sent, so a stream holds at most two blocks.
 * @param stream - inbound
 * @param peerId - who asks
 */
export async function serveChunks(components: ChunkServerComponents, stream: Stream, peerId: string): Promise<void> {
  const { contents, clock, gate } = components;
  const frames = new FrameStream(stream, maxChunkRequestBytes);
  const answer = async (kind: AnswerKind, n: number, index: number, payload?: Uint8Array): Promise<void> => {
    const header = encodeAnswerHeader({ kind, n, index, length: payload?.byteLength ?? 0 });
    await safeSend(stream, payload === undefined ? header : new Uint8ArrayList(header, payload));
  };
  const sendBlock = async (n: number, index: number, block: Uint8Array): Promise<void> => {
    const { upload } = components;
    if (block.byteLength <= upload.sliceBytes) {
      await answer("block", n, index, block);
    } else {
      await safeSend(stream, encodeAnswerHeader({ kind: "block", n, index, length: block.byteLength }));
      for (let at = 0; at < block.byteLength; at += upload.sliceBytes) {
        const slice = block.subarray(at, at + upload.sliceBytes);
        const waitMs = upload.reserve(slice.byteLength);
        if (waitMs > 0) await clock.sleep(waitMs);
        await safeSend(stream, slice);
      }
    }
    components.onSent(block.byteLength);
  };
  const serveBlocks = async (request: BlocksRequest): Promise<void> => {
    const { n, cid, get } = request;
    if (contents.stat(cid) === undefined) {
      await answer("missing", n, wholeRequest);
      return;
    }
    const release = contents.lease(cid);
    try {
      let next = contents.readBlock(cid, get[0] ?? "");
      for (const index of get.keys()) {
        const block = await next;
        const following = get[index + 1];
        if (following !== undefined) {
          next = contents.readBlock(cid, following);
          // Awaited in the next turn; until then a failure must not count as unhandled.
          next.catch(() => {});
        }
        if (block === undefined) {
          await answer("missing", n, index);
          continue;
        }
        await sendBlock(n, index, block);
      }
    } finally {
      release();
    }
  };
  const serve = async (request: ChunkRequest): Promise<void> => {
    const cost = "get" in request ? request.get.length : 1;
    if (!gate.rate.allow(peerId, clock.monotonic(), cost)) {
      await answer("refused", request.n, wholeRequest);
      return;
    }
    const leave = gate.enter(peerId);
    if (leave === undefined) {
      await answer("busy", request.n, wholeRequest);
      return;
    }
    try {
      if ("get" in request) {
        await serveBlocks(request);
      } else {
        const haveMap = contents.haveMap(request.have);
        await answer(haveMap === undefined ? "missing" : "have", request.n, wholeRequest, haveMap);
      }
    } finally {
      leave();
    }
  };

  for (;;) {
    const frame = await frames.next();
    if (frame === undefined) break;
    await serve(decodeChunkRequest(frame));
  }
  await frames.close();
}
