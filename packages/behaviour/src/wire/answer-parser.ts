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
  /** An answer is complete. @param payload - in a buffer of its own */
  onAnswer(header: AnswerHeader, payload: Uint8Array): void;
}

/**
 * Cuts the answers of `/ggen/chunks/1` out of a stream: each payload is copied once, into its own buffer.
 * @returns takes bytes in; throws `network.protocol` for malformed headers and whatever the sink throws
 */
export function createAnswerParser(sink: AnswerSink): (bytes: Uint8Array) => void {
  const headerBytes = new Uint8Array(answerHeaderBytes);
  let headerFilled = 0;
  let header: AnswerHeader | undefined;
  let payload = new Uint8Array();
  let filled = 0;

  const finish = (done: AnswerHeader): void => {
    const whole = payload;
    header = undefined;
    headerFilled = 0;
    payload = new Uint8Array();
    filled = 0;
    sink.onAnswer(done, whole);
  };
  const beginPayload = (): void => {
    header = decodeAnswerHeader(headerBytes);
    sink.onHeader(header);
    // Its length was bounded by the header's decoder and by the sink; every byte is written before it is shown.
    payload = new Uint8Array(Buffer.allocUnsafeSlow(header.length).buffer);
    if (header.length === 0) finish(header);
  };

  return (bytes) => {
    let at = 0;
    while (at < bytes.byteLength) {
      if (header === undefined) {
        const part = bytes.subarray(at, at + answerHeaderBytes - headerFilled);
        headerBytes.set(part, headerFilled);
        headerFilled += part.byteLength;
        at += part.byteLength;
        if (headerFilled === answerHeaderBytes) beginPayload();
        continue;
      }
      const part = bytes.subarray(at, at + header.length - filled);
      payload.set(part, filled);
      filled += part.byteLength;
      at += part.byteLength;
      sink.onProgress(header, part.byteLength);
      if (filled === header.length) finish(header);
    }
  };
}

/** The error for an answer that nobody asked for. */
export function unasked(what: string): GgenError {
  return new GgenError("network.protocol", `A peer sent ${what} that was not asked for`);
}
