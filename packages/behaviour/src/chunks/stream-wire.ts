import { toGgenError } from "@ggen/p2p-types";
import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";

import type { ChunkWire, ChunkWireEvents } from "./chunk-wire.ts";

/** The asker's end of a `/ggen/chunks/1` stream. @param stream - freshly opened */
export function createStreamWire(stream: Stream, events: ChunkWireEvents): ChunkWire {
  let ended = false;
  const end = (error: Error | undefined): void => {
    if (ended) return;
    ended = true;
    events.onEnd(error);
  };
  stream.addEventListener("message", (event: StreamMessageEvent) => {
    if (ended) return;
    try {
      for (const part of event.data instanceof Uint8Array ? [event.data] : event.data) events.parser.push(part);
    } catch (error) {
      const reason = toGgenError(error, "network.protocol");
      end(reason);
      stream.abort(reason);
    }
  });
  stream.addEventListener("end", () => end(undefined));
  stream.addEventListener("close", (event: StreamCloseEvent) => end(event.error));
  return {
    send: (frame) => void stream.send(frame),
    pause() {
      if (!ended && stream.readStatus === "readable") stream.pause();
    },
    resume() {
      if (!ended && stream.readStatus === "paused") stream.resume();
    },
    close() {
      ended = true;
      stream.close().catch(() => stream.abort(new Error("the link is closed")));
    },
    abort(reason) {
      ended = true;
      stream.abort(reason);
    },
  };
}
