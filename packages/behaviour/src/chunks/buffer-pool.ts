import { chunkSize } from "@ggen/p2p-types";

/**
 * Buffers for chunks that are used again and again: a fresh megabyte costs the system more to clear than a hash of it
 * costs, and the collector more than both.
 */
export interface BufferPool {
  /** A buffer of exactly so many bytes, at most a chunk; what is in it is old. */
  take(bytes: number): Uint8Array;
  /** Gives a buffer back that nobody reads or writes any more. Those that are not given back are simply lost. */
  give(buffer: Uint8Array): void;
}

/** Creates a pool. @param maxIdle - buffers of a chunk each that are kept while nobody uses them */
export function createBufferPool(maxIdle: number): BufferPool {
  const idle: Uint8Array[] = [];
  return {
    take(bytes) {
      // Whatever is smaller than half a chunk would keep a whole one busy.
      if (bytes < chunkSize / 2) return new Uint8Array(bytes);
      const whole = idle.pop() ?? new Uint8Array(Buffer.allocUnsafeSlow(chunkSize).buffer);
      return whole.subarray(0, bytes);
    },
    give({ buffer }) {
      if (buffer.byteLength === chunkSize && idle.length < maxIdle) idle.push(new Uint8Array(buffer));
    },
  };
}
