import { GgenError } from "@ggen/p2p-types";

import { type AnswerHeader, answerHeaderBytes, decodeAnswerHeader } from "./chunk-messages.ts";

/** What the parser of chunk answers tells. */
export interface AnswerSink {
  /**
   * A header was read, its payload was not. Throwing refuses it before a byte is buffered.
   */
  onHeader(header: AnswerHeader): void;
  /** Part of a payload came. @param bytes - how many */
  onProgress(header: AnswerHeader, bytes: number): void;
  /** An answer is complete. @param payload - in the buffer that was taken for it */
  onAnswer(header: AnswerHeader, payload: Uint8Array): void;
  /** A buffer of exactly `length` bytes, which the header's decoder and {@link onHeader} have found in order. */
  take(length: number): Uint8Array;
}

/** Cuts the answers of `/ggen/chunks/1` out of a stream of bytes. What is malformed throws `network.protocol`. */
export interface AnswerParser {
  /** Takes bytes in; each payload is copied once, into its own buffer. */
  push(bytes: Uint8Array): void;
  /** Where the next bytes should be written by whoever can choose; never empty. */
  space(): Uint8Array;
  /** So many bytes were written at the beginning of {@link space}. */
  filled(bytes: number): void;
}

/** Creates a parser at the beginning of a stream. It also throws whatever the sink throws. */
export function createAnswerParser(sink: AnswerSink): AnswerParser {
  const headerBytes = new Uint8Array(answerHeaderBytes);
  const none = new Uint8Array();
  let header: AnswerHeader | undefined;
  let target: Uint8Array = headerBytes;
  let at = 0;

  const finish = (done: AnswerHeader, payload: Uint8Array): void => {
    header = undefined;
    target = headerBytes;
    at = 0;
    sink.onAnswer(done, payload);
  };
  const beginPayload = (): void => {
    const begun = decodeAnswerHeader(headerBytes);
    sink.onHeader(begun);
    if (begun.length === 0) {
      finish(begun, none);
      return;
    }
    header = begun;
    target = sink.take(begun.length);
    at = 0;
  };
  const filled = (bytes: number): void => {
    at += bytes;
    if (header !== undefined) sink.onProgress(header, bytes);
    if (at < target.byteLength) return;
    if (header === undefined) beginPayload();
    else finish(header, target);
  };
  const space = (): Uint8Array => target.subarray(at);

  return {
    space,
    filled,
    push(bytes) {
      for (let from = 0; from < bytes.byteLength;) {
        const room = space();
        const part = bytes.subarray(from, from + room.byteLength);
        room.set(part);
        from += part.byteLength;
        filled(part.byteLength);
      }
    },
  };
}

/** The error for an answer that nobody asked for. */
export function unasked(what: string): GgenError {
  return new GgenError("network.protocol", `A peer sent ${what} that was not asked for`);
}
