import type { Clock } from "@ggen/p2p-types";

/** How long peers are waited for. */
export interface AskOptions {
  /** Once so many have answered, the others have `graceMs` more. */
  readonly enough: number;
  readonly graceMs: number;
  /** Nobody is waited for longer. */
  readonly maxMs: number;
  readonly clock: Pick<Clock, "sleep">;
  /** Ends it. */
  readonly signal: AbortSignal;
  /** Told of a peer that failed, or was waited for in vain. */
  readonly onFailed: (peerId: string, error: unknown) => void;
}

/**
 * Asks several peers at once, and waits for all of them; but one that stalls must not keep the answers of the others.
 * @param ask - its signal is aborted when its peer is not waited for any more
 * @returns the answers that came, by peer
 * @throws the signal's reason when it is aborted
 */
export async function askAll<Answer>(
  peers: readonly string[],
  ask: (peerId: string, signal: AbortSignal) => Promise<Answer>,
  { enough, graceMs, maxMs, clock, signal, onFailed }: AskOptions,
): Promise<Map<string, Answer>> {
  const answers = new Map<string, Answer>();
  const over = new AbortController();
  const late = new AbortController();
  const waiting = AbortSignal.any([signal, over.signal]);
  const bounded = AbortSignal.any([signal, late.signal]);
  const giveUp = (): void => late.abort(new Error("it did not answer in time"));
  const giveUpAfter = (ms: number): void => void clock.sleep(ms, waiting).then(giveUp, () => {});
  giveUpAfter(maxMs);
  const askOne = async (peerId: string): Promise<void> => {
    try {
      const answer = await Promise.race([ask(peerId, bounded), rejected(bounded)]);
      answers.set(peerId, answer);
      if (answers.size === enough) giveUpAfter(graceMs);
    } catch (error) {
      if (!signal.aborted) onFailed(peerId, error);
    }
  };
  await Promise.all(peers.map(askOne)).finally(() => over.abort());
  signal.throwIfAborted();
  return answers;
}

/** Rejects when a signal is aborted: whoever is asked may not look at it. */
function rejected(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const fail = (): void => reject(signal.reason as Error);
    if (signal.aborted) fail();
    else signal.addEventListener("abort", fail, { once: true });
  });
}
