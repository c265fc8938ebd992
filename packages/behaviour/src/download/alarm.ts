import type { Clock } from "@ggen/p2p-types";

/** Why a wait was cut short; one for all, since an abort without a reason makes an exception with a stack each time. */
const rung = new Error("woken");

/** Lets one loop wait for whichever comes first: a moment, or something that happened. */
export class Alarm {
  readonly #clock: Clock;
  #wake: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Waits until {@link ring} is called. @param untilMs - on the monotonic clock, and then in any case */
  async wait(untilMs: number | undefined): Promise<void> {
    const timer = new AbortController();
    const woken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    if (untilMs !== undefined) {
      this.#clock.sleep(Math.max(1, untilMs - this.#clock.monotonic()), timer.signal).then(
        () => this.ring(),
        () => {},
      );
    }
    await woken;
    timer.abort(rung);
  }

  /** Ends the wait that is going on, if there is one. */
  ring(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
