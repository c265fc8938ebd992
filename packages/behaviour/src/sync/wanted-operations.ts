import type { Clock } from "@ggen/p2p-types";

/** How long what this node does not take now is not asked for again, in milliseconds. */
export const putOffMs: number = 15 * 60_000;
/** A session that was given an operation and has not brought it for this long no longer keeps others from asking. */
export const claimMs = 30_000;
/** Operations that are remembered for it, about 120 bytes each. */
const maxPutOff = 100_000;

/**
 * What the reconciliations of a node fetch, all together: each operation is asked of one peer at a time, so that several
 * peers share the work; and what was given and not taken (over a quota, from the future) is left alone for a while.
 */
export class WantedOperations {
  readonly #clock: Clock;
  readonly #claimed = new Map<string, number>();
  readonly #putOff = new Map<string, number>();
  #change = Promise.withResolvers<void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Takes an operation for one session. @returns false when another one is fetching it */
  claim(id: string): boolean {
    const nowMs = this.#clock.monotonic();
    const sinceMs = this.#claimed.get(id);
    if (sinceMs !== undefined && nowMs - sinceMs < claimMs) return false;
    this.#claimed.set(id, nowMs);
    return true;
  }

  /** Gives operations back, fetched or not. */
  release(ids: Iterable<string>): void {
    for (const id of ids) this.#claimed.delete(id);
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }

  /** Resolves when a session gives operations back, or may have lost its claim. @throws the signal's reason */
  async released(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const timer = this.#clock.sleep(claimMs, AbortSignal.any([signal, over.signal]));
    try {
      await Promise.race([this.#change.promise, timer]);
    } finally {
      over.abort();
      timer.catch(() => {});
    }
  }

  /** Leaves operations alone for {@link putOffMs}. */
  putOff(ids: Iterable<string>): void {
    const untilMs = this.#clock.monotonic() + putOffMs;
    for (const id of ids) {
      this.#putOff.delete(id);
      this.#putOff.set(id, untilMs);
    }
    for (const id of this.#putOff.keys()) {
      if (this.#putOff.size <= maxPutOff) break;
      this.#putOff.delete(id);
    }
  }

  /** Whether an operation is left alone now. */
  isPutOff(id: string): boolean {
    const untilMs = this.#putOff.get(id);
    if (untilMs === undefined) return false;
    if (this.#clock.monotonic() < untilMs) return true;
    this.#putOff.delete(id);
    return false;
  }
}
