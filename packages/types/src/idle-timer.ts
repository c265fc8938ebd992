import type { Clock } from "./clock.ts";

/** Ends what has had nothing to do for a while. */
export class IdleTimer {
  readonly #clock: Pick<Clock, "sleep">;
  readonly #afterMs: number;
  readonly #onIdle: () => void;
  #rest = new AbortController();

  /**
   * @param afterMs - of rest, in milliseconds
   * @param onIdle - called once for each rest that lasted; work may have begun in the same moment
   */
  constructor(clock: Pick<Clock, "sleep">, afterMs: number, onIdle: () => void) {
    this.#clock = clock;
    this.#afterMs = afterMs;
    this.#onIdle = onIdle;
  }

  /** There is nothing to do from now on. */
  begin(): void {
    this.stop();
    this.#rest = new AbortController();
    this.#clock.sleep(this.#afterMs, this.#rest.signal).then(this.#onIdle, () => {});
  }

  /** There is something to do again, or nothing is left to be ended. */
  stop(): void {
    this.#rest.abort();
  }
}
