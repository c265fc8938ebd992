import { chunkSize, type Clock, type ContentStore } from "@ggen/p2p-types";

import type { BandwidthCaps } from "../limits/bandwidth.ts";
import type { RequestGate } from "../limits/request-gate.ts";
import {
  type AnswerKind,
  type BlocksRequest,
  type ChunkRequest,
  decodeChunkRequest,
  encodeAnswerHeader,
  wholeRequest,
} from "../wire/chunk-messages.ts";
import type { ChunkChannel } from "./chunk-channel.ts";

/** What the server of chunks needs. */
export interface ChunkServerComponents {
  readonly contents: ContentStore;
  readonly clock: Clock;
  readonly gate: RequestGate;
  readonly upload: BandwidthCaps;
  /** Told of every payload that was sent. */
  onSent(bytes: number): void;
}

/** A block that was read, and what to do once it was sent. */
interface LoadedBlock {
  readonly bytes: Uint8Array | undefined;
  readonly release: () => void;
}

/**
 * Answers what comes over one channel until its other side ends it. Requests are answered one after the other, with the
 * next block read while the last is sent, so a channel holds at most two blocks.
 * @param peerId - who asks
 */
export async function serveChunks(
  components: ChunkServerComponents,
  channel: ChunkChannel,
  peerId: string,
): Promise<void> {
  const { contents, clock, gate } = components;
  const upload = components.upload.of(peerId);
  const answer = (kind: AnswerKind, n: number, index: number, payload?: Uint8Array): Promise<void> =>
    channel.send(encodeAnswerHeader({ kind, n, index, length: payload?.byteLength ?? 0 }), payload);
  const load = async (cid: string, digest: string): Promise<LoadedBlock> => {
    const space = channel.pool?.take(chunkSize);
    const bytes = await contents.readBlock(cid, digest, space);
    const release = (): void => {
      // A store may have given a buffer of its own.
      if (space !== undefined && bytes?.buffer === space.buffer) channel.pool?.give(space);
    };
    return { bytes, release };
  };
  const sendBlock = async (n: number, index: number, block: Uint8Array, release: () => void): Promise<void> => {
    const header = encodeAnswerHeader({ kind: "block", n, index, length: block.byteLength });
    if (block.byteLength <= upload.sliceBytes) {
      await channel.send(header, block, release);
    } else {
      await channel.send(header);
      for (let at = 0; at < block.byteLength; at += upload.sliceBytes) {
        const slice = block.subarray(at, at + upload.sliceBytes);
        const waitMs = upload.reserve(slice.byteLength);
        if (waitMs > 0) await clock.sleep(waitMs);
        await channel.send(slice);
      }
    }
    components.onSent(block.byteLength);
  };
  const serveBlocks = async (request: BlocksRequest): Promise<void> => {
    const { n, cid, get } = request;
    const leave = contents.lease(cid);
    try {
      let next = load(cid, get[0] ?? "");
      for (const index of get.keys()) {
        const { bytes, release } = await next;
        if (bytes === undefined && index === 0 && contents.stat(cid) === undefined) {
          await answer("missing", n, wholeRequest);
          return;
        }
        const following = get[index + 1];
        if (following !== undefined) {
          next = load(cid, following);
          // Awaited in the next turn; until then a failure must not count as unhandled.
          next.catch(() => {});
        }
        if (bytes === undefined) await answer("missing", n, index);
        else await sendBlock(n, index, bytes, release);
      }
    } finally {
      leave();
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
    const frame = await channel.next();
    if (frame === undefined) break;
    await serve(decodeChunkRequest(frame));
  }
  await channel.close();
}
