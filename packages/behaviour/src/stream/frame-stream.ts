import { GgenError, toGgenError } from "@ggen/p2p-types";
import type { Stream, StreamCloseEvent, StreamMessageEvent } from "@libp2p/interface";
import { Uint8ArrayList } from "uint8arraylist";

import { createFrameParser } from "../wire/frame-parser.ts";
import { encodeVarint } from "../wire/varint.ts";
import { safeSend } from "./safe-send.ts";

/** Unread frames beyond which a stream is paused, in bytes. Yamux then lets at most its 4 MiB window follow. */
const readHighWaterBytes = 512 * 1024;

/** A libp2p stream of length-prefixed frames with back-pressure both ways. */
export class FrameStream {
  readonly stream: Stream;
  readonly #frames: Uint8Array[] = [];
  #queuedBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param stream - takes over its messages
   * @param maxFrameBytes - a frame over this ends the stream with `network.protocol`
   */
  constructor(stream: Stream, maxFrameBytes: number) {
    this.stream = stream;
    const parser = createFrameParser(maxFrameBytes, (frame) => {
      this.#frames.push(frame);
      this.#queuedBytes += frame.byteLength;
    });
    const onMessage = (event: StreamMessageEvent): void => {
      try {
        for (const part of event.data instanceof Uint8Array ? [event.data] : event.data) parser.push(part);
      } catch (error) {
        stream.removeEventListener("message", onMessage);
        this.abort(toGgenError(error, "network.protocol"));
      }
      if (this.#queuedBytes > readHighWaterBytes && stream.readStatus === "readable") stream.pause();
      this.#notify();
    };
    const onEnd = (): void => {
      this.#ended = true;
      if (!parser.atBoundary) this.#error ??= new GgenError("network.protocol", "A stream ended inside a frame");
      this.#notify();
    };
    stream.addEventListener("message", onMessage);
    stream.addEventListener("end", onEnd);
    stream.addEventListener("close", (event: StreamCloseEvent) => {
      if (event.error !== undefined) this.#error ??= event.error;
      this.#ended = true;
      this.#notify();
    });
    if (stream.readableEnded) onEnd();
  }

  /** Sends one frame; resolves when more may be sent. */
  async send(payload: Uint8Array, signal?: AbortSignal): Promise<void> {
    await safeSend(this.stream, new Uint8ArrayList(encodeVarint(payload.byteLength), payload), signal);
  }

  /**
   * The next frame; undefined when the other side has ended the stream in order.
   * @throws the reason when the stream broke or the signal was aborted
   */
  async next(signal?: AbortSignal): Promise<Uint8Array | undefined> {
    for (;;) {
      signal?.throwIfAborted();
      const frame = this.#frames.shift();
      if (frame !== undefined) {
        this.#queuedBytes -= frame.byteLength;
        if (this.#queuedBytes < readHighWaterBytes / 2 && this.stream.readStatus === "paused") this.stream.resume();
        return frame;
      }
      if (this.#error !== undefined) throw this.#error;
      if (this.#ended) return undefined;
      await this.#arrival(signal);
    }
  }

  /** The next frame, when the protocol says that there is one. @throws GgenError `network.protocol` when there is none */
  async expect(signal?: AbortSignal): Promise<Uint8Array> {
    const frame = await this.next(signal);
    if (frame === undefined) throw new GgenError("network.protocol", "A peer ended a stream before it answered");
    return frame;
  }

  /** Ends the writing side once everything was sent. */
  async close(signal?: AbortSignal): Promise<void> {
    await this.stream.close(signal === undefined ? {} : { signal });
  }

  /** Ends both sides at once. */
  abort(reason: Error): void {
    this.#error ??= reason;
    this.stream.abort(reason);
    this.#notify();
  }

  #arrival(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        signal?.removeEventListener("abort", done);
        resolve();
      };
      this.#wake = done;
      signal?.addEventListener("abort", done, { once: true });
    });
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
