import { setBounded } from "@ggen/p2p-types";

/** Names that are each remembered until a time, and not too many: who was added first is forgotten first. */
export class TimedSet {
  readonly #most: number;
  readonly #untilMs = new Map<string, number>();

  /** @param most - names that are remembered */
  constructor(most: number) {
    this.#most = most;
  }

  /** @param untilMs - milliseconds since 1970; takes the place of what was said before */
  add(name: string, untilMs: number): void {
    // Behind those that were added meanwhile.
    this.#untilMs.delete(name);
    setBounded(this.#untilMs, this.#most, name, untilMs);
  }

  /** @param nowMs - milliseconds since 1970 */
  has(name: string, nowMs: number): boolean {
    return nowMs < (this.#untilMs.get(name) ?? 0);
  }

  delete(name: string): void {
    this.#untilMs.delete(name);
  }
}
