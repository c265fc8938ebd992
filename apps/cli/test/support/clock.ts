import type { Clock } from "@ggen/p2p-types";

/** A clock that stands still until it is told to go on. */
export function createManualClock(): Clock & { advance(ms: number): void } {
  let now = 0;
  return {
    now: () => Date.UTC(2026, 0, 2, 3, 4, 5) + now,
    monotonic: () => now,
    sleep: () => Promise.resolve(),
    every: () => () => {},
    advance: (ms) => {
      now += ms;
    },
  };
}
