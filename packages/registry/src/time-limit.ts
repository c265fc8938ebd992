import type { Clock } from "@ggen/p2p-types";

/** A limit of time for what ends when its signal says so. */
export interface TimeLimit {
  /** Aborted when the time is up, or when the caller's is. */
  readonly signal: AbortSignal;
  /** Whether the time is up. */
  readonly isOver: () => boolean;
  /** Stops the timer; to be called when what is limited has ended. */
  readonly end: () => void;
}

/**
 * Begins a limit of time.
 * @param clock - measures it
 * @param limitMs - milliseconds from now
 * @param signal - the caller's
 */
export function timeLimit(clock: Pick<Clock, "sleep">, limitMs: number, signal?: AbortSignal): TimeLimit {
  const late = new AbortController();
  const ended = new AbortController();
  clock.sleep(limitMs, ended.signal).then(
    () => late.abort(new DOMException("The time is up", "TimeoutError")),
    () => {},
  );
  return {
    signal: signal === undefined ? late.signal : AbortSignal.any([signal, late.signal]),
    isOver: () => late.signal.aborted,
    end: () => ended.abort(),
  };
}

/** Runs something that is told to end when its time is up. */
export async function withinTime<T>(
  clock: Pick<Clock, "sleep">,
  limitMs: number,
  signal: AbortSignal | undefined,
  run: (bounded: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = timeLimit(clock, limitMs, signal);
  try {
    return await run(limit.signal);
  } finally {
    limit.end();
  }
}
