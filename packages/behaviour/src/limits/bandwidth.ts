import type { Clock } from "@ggen/p2p-types";

/** Keeps a flow of bytes under a rate by delaying it. */
export interface BandwidthCap {
  /** Largest piece that should flow at once: a capped flow is cut small so that it never looks stalled. */
  readonly sliceBytes: number;
  /** Counts bytes. @returns milliseconds to wait before they may flow (or before the next may): 0 for none */
  reserve(bytes: number): number;
}

/**
 * A cap on bytes per second, with a burst of one second.
 * @param clock - measures the time
 * @param kilobytesPerSecond - 0 for no cap
 */
export function createBandwidthCap(clock: Clock, kilobytesPerSecond: number): BandwidthCap {
  if (kilobytesPerSecond === 0) return { sliceBytes: Number.POSITIVE_INFINITY, reserve: () => 0 };
  const burstMs = 1000;
  let freeAtMs = clock.monotonic() - burstMs;
  return {
    sliceBytes: 16 * 1024,
    reserve(bytes) {
      const now = clock.monotonic();
      const start = Math.max(freeAtMs, now - burstMs);
      freeAtMs = start + bytes / kilobytesPerSecond;
      return Math.max(0, start - now);
    },
  };
}
