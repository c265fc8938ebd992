import { type BlockRef, maxNodeBytes, toGgenError } from "@ggen/p2p-types";
import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";

import { createAnswerParser, unasked } from "../wire/answer-parser.ts";
import { type AnswerHeader, encodeChunkRequest, maxBlocksPerRequest, wholeRequest } from "../wire/chunk-messages.ts";
import { encodeVarint } from "../wire/varint.ts";

/** What a session tells its download. */
export interface ChunkSessionEvents {
  onHave(haveMap: Uint8Array): void;
  onProgress(bytes: number): void;
  onBlock(block: BlockRef, bytes: Uint8Array): void;
  onMissing(blocks: readonly BlockRef[]): void;
  onBusy(blocks: readonly BlockRef[]): void;
  onRefused(): void;
  /** The stream is over. @param error - absent when it ended in order */
  onClose(error: Error | undefined): void;
}

/** The asking side of one `/ggen/chunks/1` stream, for one content. Any number of requests may be outstanding. */
export interface ChunkSession {
  askHave(): void;
  ask(blocks: readonly BlockRef[]): void;
  /** Stops reading for a while. */
  pause(): void;
  resume(): void;
  close(): void;
  abort(reason: Error): void;
}

interface Pending {
  readonly blocks: readonly BlockRef[];
  left: number;
}

/**
 * Starts the asking side of a chunk stream.
 * @param stream - freshly opened
 * @param cid - the content
 * @param events - called as answers come
 */
export function createChunkSession(stream: Stream, cid: string, events: ChunkSessionEvents): ChunkSession {
  const pending = new Map<number, Pending>();
  let nextRequest = 0;
  let closed = false;

  const settle = (n: number, count: number): void => {
    const request = pending.get(n);
    if (request === undefined) return;
    request.left -= count;
    if (request.left <= 0) pending.delete(n);
  };
  const expectedOf = (header: AnswerHeader): Pending => {
    const request = pending.get(header.n);
    if (request === undefined) throw unasked(`an answer to request ${header.n}`);
    return request;
  };
  const parse = createAnswerParser({
    onHeader(header) {
      const request = expectedOf(header);
      if (header.kind !== "block") return;
      const block = request.blocks[header.index];
      if (block === undefined) throw unasked(`block ${header.index} of request ${header.n}`);
      // A leaf's size is signed, a node's is bounded: nothing larger is worth a byte of memory.
      const max = block.kind === "leaf" ? block.size : maxNodeBytes;
      if (header.length > max) throw unasked(`${header.length} bytes for a block of ${max}`);
    },
    onProgress: events.onProgress,
    onAnswer(header, payload) {
      const { blocks } = expectedOf(header);
      const whole = header.index === wholeRequest;
      const block = blocks[header.index];
      const concerned = whole || block === undefined ? blocks : [block];
      settle(header.n, whole ? blocks.length + 1 : 1);
      if (header.kind === "have") events.onHave(payload);
      else if (header.kind === "block" && block !== undefined) events.onBlock(block, payload);
      else if (header.kind === "missing") events.onMissing(concerned);
      else if (header.kind === "busy") events.onBusy(concerned);
      else if (header.kind === "refused") events.onRefused();
    },
  });
  const finish = (error: Error | undefined): void => {
    if (closed) return;
    closed = true;
    stream.removeEventListener("message", onMessage);
    events.onClose(error);
  };
  const onMessage = (event: StreamMessageEvent): void => {
    try {
      for (const part of event.data instanceof Uint8Array ? [event.data] : event.data) parse(part);
    } catch (error) {
      const broken = toGgenError(error, "network.protocol");
      finish(broken);
      stream.abort(broken);
    }
  };
  stream.addEventListener("message", onMessage);
  stream.addEventListener("end", () => finish(undefined));
  stream.addEventListener("close", (event: StreamCloseEvent) => finish(event.error));

  const request = (blocks: readonly BlockRef[], encode: (n: number) => Uint8Array): void => {
    if (closed) return;
    const n = nextRequest;
    nextRequest += 1;
    pending.set(n, { blocks, left: Math.max(1, blocks.length) });
    const payload = encode(n);
    try {
      // Requests are small, and as few as the window allows: they need no back-pressure.
      stream.send(new Uint8ArrayList(encodeVarint(payload.byteLength), payload));
    } catch (error) {
      finish(error as Error);
    }
  };

  return {
    askHave: () => request([], (n) => encodeChunkRequest({ n, have: cid })),
    ask(blocks) {
      for (let at = 0; at < blocks.length; at += maxBlocksPerRequest) {
        const part = blocks.slice(at, at + maxBlocksPerRequest);
        request(part, (n) => encodeChunkRequest({ n, cid, get: part.map(({ digest }) => digest) }));
      }
    },
    pause() {
      if (!closed && stream.readStatus === "readable") stream.pause();
    },
    resume() {
      if (!closed && stream.readStatus === "paused") stream.resume();
    },
    close() {
      closed = true;
      stream.removeEventListener("message", onMessage);
      // What was asked for and is not wanted any more need not be sent.
      if (pending.size > 0) stream.abort(new Error("the download is finished"));
      else stream.close().catch(() => stream.abort(new Error("the download is finished")));
    },
    abort(reason) {
      closed = true;
      stream.abort(reason);
    },
  };
}
