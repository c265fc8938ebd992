import { GgenError, toGgenError } from "@ggen/p2p-types";
import { connect, type Socket } from "node:net";

import type { ChunkWire, ChunkWireEvents } from "../chunks/chunk-wire.ts";
import {
  type DirectTicket,
  encodeDirectRequest,
  maxDirectHeadBytes,
  readDirectAnswer,
} from "../wire/direct-messages.ts";

/** Takes bytes in where it wants them. */
interface Reader {
  space(): Uint8Array;
  filled(bytes: number): void;
  push(bytes: Uint8Array): void;
}

/**
 * Connects directly to a peer. Bytes are read from the system straight to where they belong.
 * @param host - IP address of the authenticated connection to it
 * @param ticket - from that connection
 * @returns makes the wire; what the peer sends before that ends it
 * @throws GgenError `network.dial-failed`, `network.protocol`, or the signal's reason
 */
export async function dialDirect(
  host: string,
  ticket: DirectTicket,
  signal: AbortSignal,
): Promise<(events: ChunkWireEvents) => ChunkWire> {
  signal.throwIfAborted();
  const settled = Promise.withResolvers<void>();
  let reader: Reader = createHeadReader(() => settled.resolve());
  /** Whose space the next bytes are written to. */
  let writer = reader;
  let onEnd = (error: Error | undefined): void =>
    settled.reject(toGgenError(error ?? new Error("the peer hung up"), "network.dial-failed"));
  let paused = false;
  let failure: Error | undefined;
  const socket: Socket = connect({
    host,
    port: ticket.port,
    noDelay: true,
    onread: {
      buffer() {
        writer = reader;
        return reader.space();
      },
      callback(bytes, space) {
        try {
          if (writer === reader) reader.filled(bytes);
          else reader.push(space.subarray(0, bytes));
        } catch (error) {
          failure ??= toGgenError(error, "network.protocol");
          socket.destroy();
        }
        return !paused && !socket.destroyed;
      },
    },
  });
  const onAbort = (): void => {
    failure ??= signal.reason as Error;
    socket.destroy();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  socket.on("connect", () => socket.write(encodeDirectRequest(host, ticket)));
  socket.on("error", (error) => {
    failure ??= error;
  });
  socket.on("end", () => socket.end());
  socket.on("close", () => onEnd(failure));
  try {
    await settled.promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  return (events) => {
    reader = events.parser;
    let silent = socket.destroyed;
    if (silent) queueMicrotask(() => events.onEnd(failure));
    onEnd = (error) => {
      if (!silent) events.onEnd(error);
      silent = true;
    };
    return {
      send: (frame) => void socket.write(frame),
      pause() {
        paused = true;
        socket.pause();
      },
      resume() {
        paused = false;
        socket.resume();
      },
      close() {
        silent = true;
        socket.destroySoon();
      },
      abort() {
        silent = true;
        socket.destroy();
      },
    };
  };
}

/** Reads the head of the answer; anything after it, before there is somebody to read it, is an error. */
function createHeadReader(onAccepted: () => void): Reader {
  const bytes = new Uint8Array(maxDirectHeadBytes);
  let filled = 0;
  let isAccepted = false;
  const tooMuch = (): GgenError => new GgenError("network.protocol", "A peer sent what was not asked for");
  return {
    space: () => bytes.subarray(filled),
    filled(count) {
      if (isAccepted) throw tooMuch();
      filled += count;
      isAccepted = readDirectAnswer(bytes.subarray(0, filled));
      if (isAccepted) onAccepted();
    },
    push() {
      throw tooMuch();
    },
  };
}
