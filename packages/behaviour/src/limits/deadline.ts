import { type Clock, GgenError } from "@ggen/p2p-types";

/** Ends the timer of what ended in time; one for all, since an abort without a reason makes an exception each time. */
const finished = new Error("finished");

/**
 * Runs something with a time limit.
 * @param clock - measures it
 * @param limitMs - milliseconds
 * @param signal - the caller's; its reason is what is thrown when it is aborted
 * @param what - for the message, e.g. `A search on 12D3…`
 * @throws GgenError `network.connection-timeout`
 */
export async function withDeadline<T>(
  clock: Clock,
  limitMs: number,
  signal: AbortSignal | undefined,
  what: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal?.throwIfAborted();
  const deadline = new AbortController();
  const timer = new AbortController();
  const error = new GgenError("network.connection-timeout", `${what} did not finish in time`, {
    expected: `at most ${limitMs / 1000} s`,
  });
  clock.sleep(limitMs, timer.signal).then(
    () => deadline.abort(error),
    () => {},
  );
  const combined = signal === undefined ? deadline.signal : AbortSignal.any([signal, deadline.signal]);
  try {
    return await run(combined);
  } catch (cause) {
    if (combined.aborted) throw combined.reason;
    throw cause;
  } finally {
    timer.abort(finished);
  }
}

/**
 * Runs something as long as it gets on.
 * @param clock - measures it
 * @param stallMs - milliseconds without a step after which it is ended
 * @param signal - the caller's
 * @param what - for the message
 * @param run - calls `moved` at every step
 * @throws GgenError `network.connection-timeout`
 */
export async function whileMoving<T>(
  clock: Clock,
  stallMs: number,
  signal: AbortSignal,
  what: string,
  run: (signal: AbortSignal, moved: () => void) => Promise<T>,
): Promise<T> {
  const stalled = new AbortController();
  let lastMs = clock.monotonic();
  const stop = clock.every(stallMs / 4, () => {
    if (clock.monotonic() - lastMs < stallMs) return;
    stalled.abort(
      new GgenError("network.connection-timeout", `${what} does not get on`, {
        expected: `a step in ${stallMs / 1000} s`,
      }),
    );
  });
  const combined = AbortSignal.any([signal, stalled.signal]);
  try {
    return await run(combined, () => {
      lastMs = clock.monotonic();
    });
  } catch (cause) {
    if (combined.aborted) throw combined.reason;
    throw cause;
  } finally {
    stop();
  }
}
