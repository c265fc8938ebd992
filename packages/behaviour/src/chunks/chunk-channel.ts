import type { Stream } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";

import { FrameStream } from "../stream/frame-stream.ts";
import { safeSend } from "../stream/safe-send.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { maxChunkRequestBytes } from "../wire/chunk-messages.ts";

/** The serving end of a way to a peer that asks for chunks: a libp2p stream, or a direct connection. */
export interface ChunkChannel {
  /** The next request; undefined when the other side has ended in order. @throws the reason when the channel broke */
  next(): Promise<Uint8Array | undefined>;
  /**
   * Sends; resolves when more may be sent.
   * @param release - called when the payload is not read any more
   */
  send(header: Uint8Array, payload?: Uint8Array, release?: () => void): Promise<void>;
  /** Where buffers to read blocks into come from; absent where nobody can say when they are free again. */
  readonly pool?: BufferPool;
  close(): Promise<void>;
}

/** The serving end of a `/ggen/chunks/1` stream. @param stream - inbound */
export function createStreamChannel(stream: Stream): ChunkChannel {
  const frames = new FrameStream(stream, maxChunkRequestBytes);
  return {
    next: () => frames.next(),
    send: (header, payload) => safeSend(stream, payload === undefined ? header : new Uint8ArrayList(header, payload)),
    close: () => frames.close(),
  };
}
