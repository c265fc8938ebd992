import type { Clock, Logger } from "@ggen/p2p-types";

/** How long nothing has to come before what a flood left is listed, in milliseconds. */
const quietMs = 300;
/** So long after some was listed, some more is, also while more comes. */
const atLeastEveryMs = 1000;
/** Releases that are listed at once, and while more comes. */
const listedWhenQuiet = 2048;
const listedInFlood = 256;

/** What it needs. */
export interface RestListerInit {
  readonly clock: Pick<Clock, "monotonic" | "sleep">;
  readonly logger: Logger;
  /** Whether there is anything that is not listed. */
  readonly isBehind: () => boolean;
  /** Lists so many of them, durably. */
  readonly listSome: (max: number) => Promise<void>;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Lists what a flood left, a little at a time, when nothing more comes: every moment that goes into the search index is one
 * in which the flood waits. Some of it is listed all the same, so that there is something to be found. The next start goes
 * on with what is left.
 */
export class RestLister {
  readonly #init: RestListerInit;
  #quietFromMs = 0;
  #isRunning = false;

  constructor(init: RestListerInit) {
    this.#init = init;
  }

  /** Something comes. */
  putOff(): void {
    this.#quietFromMs = this.#init.clock.monotonic() + quietMs;
  }

  /** To be called when there may be something to list. Never throws. */
  start(): void {
    const { signal, isBehind, logger } = this.#init;
    if (this.#isRunning || signal.aborted || !isBehind()) return;
    this.#isRunning = true;
    this.#run()
      .catch((error: unknown) => {
        if (!signal.aborted) logger.log("warn", "Releases could not be listed", { error: String(error) });
      })
      .finally(() => {
        this.#isRunning = false;
      });
  }

  async #run(): Promise<void> {
    const { clock, isBehind, listSome, signal } = this.#init;
    let dueMs = clock.monotonic() + quietMs;
    while (!signal.aborted && isBehind()) {
      const nowMs = clock.monotonic();
      const restMs = Math.min(this.#quietFromMs, dueMs) - nowMs;
      if (restMs > 0) {
        await clock.sleep(restMs, signal);
        continue;
      }
      await listSome(this.#quietFromMs <= nowMs ? listedWhenQuiet : listedInFlood);
      dueMs = clock.monotonic() + atLeastEveryMs;
    }
  }
}
