import { chunkSize, GgenError, toGgenError } from "@ggen/p2p-types";
import type { Socket } from "node:net";

import type { BufferPool } from "../chunks/buffer-pool.ts";
import type { ChunkChannel } from "../chunks/chunk-channel.ts";
import { maxChunkRequestBytes } from "../wire/chunk-messages.ts";
import { createFrameParser } from "../wire/frame-parser.ts";

/** Bytes that may wait to be sent before a sender waits: the system's own buffer holds a few chunks more. */
const writeHighWaterBytes = chunkSize / 2;
/** Unread requests beyond which nothing more is read, in bytes. */
const readHighWaterBytes = 64 * 1024;

/** The serving end of a direct connection. @param socket - takes over its events */
export function createSocketChannel(socket: Socket, pool: BufferPool): ChunkChannel {
  const frames: Uint8Array[] = [];
  let queuedBytes = 0;
  let ended = false;
  let failure: Error | undefined;
  let wakeReader: (() => void) | undefined;
  let wakeSender: (() => void) | undefined;
  const wake = (): void => {
    wakeReader?.();
    wakeSender?.();
    wakeReader = undefined;
    wakeSender = undefined;
  };
  const parser = createFrameParser(maxChunkRequestBytes, (frame) => {
    frames.push(frame);
    queuedBytes += frame.byteLength;
  });
  socket.on("data", (bytes: Uint8Array) => {
    try {
      parser.push(bytes);
    } catch (error) {
      failure ??= toGgenError(error, "network.protocol");
      socket.destroy();
    }
    if (queuedBytes > readHighWaterBytes) socket.pause();
    wake();
  });
  socket.on("drain", wake);
  socket.on("end", () => {
    ended = true;
    if (!parser.atBoundary) failure ??= new GgenError("network.protocol", "A connection ended inside a frame");
    wake();
  });
  socket.on("error", (error) => {
    failure ??= error;
  });
  socket.on("close", () => {
    ended = true;
    wake();
  });

  return {
    pool,
    async next() {
      for (;;) {
        const frame = frames.shift();
        if (frame !== undefined) {
          queuedBytes -= frame.byteLength;
          if (queuedBytes < readHighWaterBytes / 2 && socket.isPaused()) socket.resume();
          return frame;
        }
        if (failure !== undefined) throw failure;
        if (ended) return undefined;
        await new Promise<void>((resolve) => (wakeReader = resolve));
      }
    },
    async send(header, payload, release) {
      if (payload === undefined) {
        socket.write(header);
      } else {
        // Both in one call to the system; the payload is read until the call back.
        socket.cork();
        socket.write(header);
        socket.write(payload, release);
        socket.uncork();
      }
      while (socket.writableLength > writeHighWaterBytes) {
        if (socket.destroyed) throw failure ?? new Error("the connection was closed");
        await new Promise<void>((resolve) => (wakeSender = resolve));
      }
      if (socket.destroyed) throw failure ?? new Error("the connection was closed");
    },
    close: () => new Promise((resolve) => (socket.destroyed ? resolve() : socket.end(resolve))),
  };
}
