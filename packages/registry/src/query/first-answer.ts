import type { Clock } from "@ggen/p2p-types";

/** How a race is run. */
export interface RaceOptions {
  /** How many are asked at once while all of them are lively. 1 or more. */
  readonly fanOut: number;
  /** Who has not answered after so many milliseconds keeps no other from being asked. */
  readonly hedgeMs: number;
  /** How many are asked at once however many hang. At least `fanOut`. */
  readonly maxActive: number;
  readonly clock: Pick<Clock, "sleep">;
  /** Ends the race without an answer. */
  readonly signal: AbortSignal;
}

/**
 * Asks several at once and takes the first valid answer; the rest are cancelled. A failure, an answer that is not valid,
 * and one that does not come are followed by the next in line.
 * @param candidates - whom to ask, in order; may come slowly
 * @param ask - undefined for an answer that is not valid; its signal is aborted when somebody else was first
 * @returns undefined when nobody had an answer, or the signal was aborted
 */
export async function firstAnswer<Candidate, Answer>(
  candidates: AsyncIterable<Candidate>,
  ask: (candidate: Candidate, signal: AbortSignal) => Promise<Answer | undefined>,
  { fanOut, hedgeMs, maxActive, clock, signal }: RaceOptions,
): Promise<Answer | undefined> {
  const over = new AbortController();
  const bounded = AbortSignal.any([signal, over.signal]);
  const answer = Promise.withResolvers<Answer | undefined>();
  const asked = new Set<Promise<void>>();
  /** Those that keep a place; who hangs loses it. */
  let lively = 0;
  let wake = Promise.withResolvers<void>();
  const change = (): void => {
    wake.resolve();
    wake = Promise.withResolvers();
  };

  const askOne = async (candidate: Candidate): Promise<void> => {
    lively += 1;
    let keepsPlace = true;
    const leave = (): void => {
      if (!keepsPlace) return;
      keepsPlace = false;
      lively -= 1;
      change();
    };
    const answered = new AbortController();
    clock.sleep(hedgeMs, AbortSignal.any([answered.signal, bounded])).then(leave, () => {});
    try {
      const given = await ask(candidate, bounded);
      if (given !== undefined) answer.resolve(given);
    } catch {
      // Whoever fails is followed by the next; `ask` says what there is to say about it.
    } finally {
      answered.abort();
      leave();
    }
  };

  const iterator = candidates[Symbol.asyncIterator]();
  const run = async (): Promise<void> => {
    while (!bounded.aborted) {
      if (lively >= fanOut || asked.size >= maxActive) {
        await wake.promise;
        continue;
      }
      const step = await iterator.next();
      if (step.done === true) break;
      const asking: Promise<void> = askOne(step.value).finally(() => {
        asked.delete(asking);
        change();
      });
      asked.add(asking);
    }
    await Promise.all(asked);
  };
  const stop = (): void => {
    answer.resolve(undefined);
    change();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  run().then(
    () => answer.resolve(undefined),
    (error: unknown) => answer.reject(error),
  );
  try {
    return await answer.promise;
  } finally {
    signal.removeEventListener("abort", stop);
    over.abort();
    change();
    // Not awaited: a source that hangs must not keep the answer.
    iterator.return?.(undefined).catch(() => {});
  }
}
