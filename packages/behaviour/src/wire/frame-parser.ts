import { GgenError } from "@ggen/p2p-types";

import { maxVarintBytes } from "./varint.ts";

/** Cuts a stream of bytes into length-prefixed frames. */
export interface FrameParser {
  /**
   * Takes bytes in and calls back once per finished frame, in order.
   * @param bytes - any part of the stream
   * @throws GgenError `network.protocol` when a length prefix is malformed or over the limit; the parser is spent then
   */
  push(bytes: Uint8Array): void;
  /** Bytes held for a frame that is not finished. */
  readonly pendingBytes: number;
  /** Whether the stream may end here: no frame was begun. */
  readonly atBoundary: boolean;
}

/**
 * A parser of unsigned-varint length-prefixed frames. The limit is checked on the length alone: nothing is buffered for
 * a frame that is too large.
 * @param maxFrameBytes - largest payload that is accepted
 * @param onFrame - gets each payload in a buffer of its own
 */
export function createFrameParser(maxFrameBytes: number, onFrame: (payload: Uint8Array) => void): FrameParser {
  let length = 0;
  let prefixBytes = 0;
  let frame: Uint8Array | undefined;
  let filled = 0;

  const finish = (payload: Uint8Array): void => {
    frame = undefined;
    filled = 0;
    length = 0;
    prefixBytes = 0;
    onFrame(payload);
  };
  const takePrefixByte = (byte: number): void => {
    if (prefixBytes > 0 && byte === 0) throw broken("a shortest varint", "a padded one");
    length += (byte & 0x7f) * 2 ** (7 * prefixBytes);
    prefixBytes += 1;
    if (byte >= 0x80) {
      if (prefixBytes === maxVarintBytes) throw broken(`a length of at most ${maxVarintBytes} bytes`, "a longer one");
      return;
    }
    if (length > maxFrameBytes) throw broken(`a frame of at most ${maxFrameBytes} bytes`, `${length} bytes`);
    frame = new Uint8Array(length);
    if (length === 0) finish(frame);
  };

  return {
    push(bytes) {
      let at = 0;
      while (at < bytes.byteLength) {
        if (frame === undefined) {
          takePrefixByte(bytes[at] ?? 0);
          at += 1;
          continue;
        }
        const part = bytes.subarray(at, at + length - filled);
        frame.set(part, filled);
        filled += part.byteLength;
        at += part.byteLength;
        if (filled === length) finish(frame);
      }
    },
    get pendingBytes() {
      return filled;
    },
    get atBoundary() {
      return prefixBytes === 0;
    },
  };
}

function broken(expected: string, got: string): GgenError {
  return new GgenError("network.protocol", "A peer sent a malformed frame", { expected, got });
}
