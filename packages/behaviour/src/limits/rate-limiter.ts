/** How often something may be done. */
export interface RateLimit {
  /** Units per second in the long run. */
  readonly perSecond: number;
  /** Units at once after a rest. */
  readonly burst: number;
}

/** A rate limit per key, by the generic cell rate algorithm: one number per key, whatever the rate. */
export class RateLimiter {
  readonly #intervalMs: number;
  readonly #toleranceMs: number;
  readonly #maxKeys: number;
  /** Theoretical arrival time of the next unit; least recently used first. */
  readonly #arrivals = new Map<string, number>();

  /**
   * @param limit - rate and burst
   * @param maxKeys - keys remembered; the least recently used is forgotten beyond, which can only favour it
   */
  constructor(limit: RateLimit, maxKeys = 4096) {
    this.#intervalMs = 1000 / limit.perSecond;
    this.#toleranceMs = this.#intervalMs * limit.burst;
    this.#maxKeys = maxKeys;
  }

  /**
   * Whether `cost` units may pass now; if so they are counted.
   * @param key - whom the limit is for
   * @param nowMs - a monotonic clock
   * @param cost - units
   */
  allow(key: string, nowMs: number, cost = 1): boolean {
    const due = Math.max(this.#arrivals.get(key) ?? nowMs, nowMs);
    const next = due + cost * this.#intervalMs;
    if (next - nowMs > this.#toleranceMs) return false;
    this.#arrivals.delete(key);
    this.#arrivals.set(key, next);
    if (this.#arrivals.size > this.#maxKeys) {
      const [oldest] = this.#arrivals.keys();
      if (oldest !== undefined) this.#arrivals.delete(oldest);
    }
    return true;
  }
}
