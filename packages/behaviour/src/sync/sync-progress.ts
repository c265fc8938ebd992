/** How far the reconciliations that run are. */
export interface SyncProgress {
  /** Operations that were fetched, and those that are missing here in all: of the session that has most to do. */
  readonly received: number;
  readonly expected: number;
}

/** Collects how far each session is. */
export class SyncProgressBook {
  readonly #sessions = new Map<object, { received: number; expected: number }>();

  /** Begins to count a session. @returns is told of operations that came, and of the end */
  begin(expected: number): { received(count: number): void; end(): void } {
    const session = { received: 0, expected };
    const key = {};
    this.#sessions.set(key, session);
    return {
      received(count) {
        session.received = Math.min(expected, session.received + count);
      },
      end: () => void this.#sessions.delete(key),
    };
  }

  /** Undefined when nothing is being fetched. */
  current(): SyncProgress | undefined {
    const [largest] = [...this.#sessions.values()].toSorted((a, b) => b.expected - a.expected);
    return largest === undefined ? undefined : { ...largest };
  }
}
