/** The moment at which the power goes. */
export interface Moment {
  /** Counts one of what it may wait for. */
  count(what: keyof typeof waits): void;
  /** Resolves when it has come. */
  readonly come: Promise<void>;
}

/** What it waits for, at most so many: answers, or in one half of the cuts pieces of what is fetched; then for a while. */
const waits = { answers: { most: 10, delayMs: 100 }, pieces: { most: 6, delayMs: 25 } } as const;

/** @param random - gives integers from 0 up to, but not including, a bound */
export function chooseMoment(random: (below: number) => number): Moment {
  const awaited = random(2) === 0 ? "answers" : "pieces";
  const { most, delayMs } = waits[awaited];
  const pauseMs = random(delayMs);
  const enough = Promise.withResolvers<void>();
  let wanted = random(most + 1);
  if (wanted === 0) enough.resolve();
  return {
    count(what) {
      if (what === awaited) wanted -= 1;
      if (wanted <= 0) enough.resolve();
    },
    // Not a wait for something: when it comes is what is random here.
    come: enough.promise.then(() => new Promise((resolve) => setTimeout(resolve, pauseMs))),
  };
}
