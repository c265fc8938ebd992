/** Time that passes only when something happens. */
export interface Schedule {
  /** Milliseconds since the simulation began. */
  readonly nowMs: number;
  /**
   * Does something later. Whatever is due at one time happens in the order in which it was planned.
   * @param delayMs - 0 or more, rounded: clocks show whole milliseconds
   * @param run - awaited before anything else happens
   */
  after(delayMs: number, run: () => unknown): void;
  /**
   * Lets time pass.
   * @param untilMs - where it stops at the latest
   * @param isDone - asked after every event; true stops it
   * @returns whether `isDone` said so
   */
  run(untilMs: number, isDone?: () => boolean): Promise<boolean>;
  /** A clock that shows this time, wrongly or rightly. @param skewMs - milliseconds ahead; negative: behind */
  clock(skewMs?: number): SimulatedClock;
}

/** The shape of the family's `Clock`. */
export interface SimulatedClock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  every(ms: number, callback: () => void): () => void;
}

interface Planned {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => unknown;
}

/** @param startMs - what an honest clock shows at the beginning, in milliseconds since 1970 */
export function createSchedule(startMs: number): Schedule {
  const heap: Planned[] = [];
  let nowMs = 0;
  let order = 0;
  const after = (delayMs: number, run: () => unknown): void => {
    push(heap, { atMs: nowMs + Math.max(0, Math.round(delayMs)), order: order++, run });
  };
  return {
    get nowMs() {
      return nowMs;
    },
    after,
    async run(untilMs, isDone = () => false) {
      while (heap[0] !== undefined && heap[0].atMs <= untilMs) {
        const next = pop(heap);
        nowMs = next.atMs;
        await next.run();
        if (isDone()) return true;
      }
      nowMs = untilMs;
      return isDone();
    },
    clock(skewMs = 0) {
      return {
        now: () => startMs + nowMs + skewMs,
        monotonic: () => nowMs,
        sleep: (ms, signal) =>
          new Promise((resolve, reject) => {
            after(ms, () => (signal?.aborted === true ? reject(signal.reason as Error) : resolve()));
          }),
        every(ms, callback) {
          let stopped = false;
          const tick = (): void => {
            if (stopped) return;
            callback();
            after(ms, tick);
          };
          after(ms, tick);
          return () => {
            stopped = true;
          };
        },
      };
    },
  };
}

function isBefore(a: Planned, b: Planned): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function push(heap: Planned[], item: Planned): void {
  heap.push(item);
  for (let at = heap.length - 1; at > 0;) {
    const parent = (at - 1) >>> 1;
    if (!swapIfBefore(heap, at, parent)) return;
    at = parent;
  }
}

function pop(heap: Planned[]): Planned {
  const [first] = heap;
  const last = heap.pop();
  if (first === undefined || last === undefined) throw new RangeError("nothing is planned");
  if (heap.length === 0) return first;
  heap[0] = last;
  for (let at = 0; ;) {
    const left = 2 * at + 1;
    const right = left + 1;
    const [a, b] = [heap[left], heap[right]];
    if (a === undefined) return first;
    const child = b !== undefined && isBefore(b, a) ? right : left;
    if (!swapIfBefore(heap, child, at)) return first;
    at = child;
  }
}

/** Puts the item at `at` in the place of the one above it when it comes before that. */
function swapIfBefore(heap: Planned[], at: number, above: number): boolean {
  const [item, other] = [heap[at], heap[above]];
  if (item === undefined || other === undefined || !isBefore(item, other)) return false;
  heap[above] = item;
  heap[at] = other;
  return true;
}
