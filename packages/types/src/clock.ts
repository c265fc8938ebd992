/** Where time comes from. Everything below the apps takes one, so that tests and the simulator decide what time it is. */
export interface Clock {
  /** Wall-clock time in milliseconds since 1970. May jump. */
  now(): number;
  /** Milliseconds since an arbitrary start. Never goes back. */
  monotonic(): number;
  /**
   * Resolves after a while.
   * @param ms - milliseconds, 0 or more
   * @param signal - rejects with the signal's reason when aborted
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /**
   * Calls back every `ms` milliseconds until stopped; the timer alone does not keep the process alive.
   * @param ms - milliseconds, 1 or more
   * @param callback - must not throw
   * @returns stops it
   */
  every(ms: number, callback: () => void): () => void;
}

/** Where randomness comes from. */
export interface RandomSource {
  /** Cryptographically strong in production, seeded in the simulator. */
  bytes(length: number): Uint8Array;
  /** A number in [0, 1), for choices that need no secrecy. */
  number(): number;
}
