/** Tells work for others when there is work for the user, which goes first. */
export interface Traffic {
  /** Whether something is being fetched for the user now. */
  readonly busy: boolean;
  /** Notes that a fetch for the user begins. @returns notes its end */
  begin(): () => void;
  /** Calls back when the user's work begins and when all of it ended. @returns ends that */
  onChange(listener: () => void): () => void;
}

/** @returns a record of the user's fetches; none yet */
export function createTraffic(): Traffic {
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  let running = 0;
  return {
    get busy() {
      return running > 0;
    },
    begin() {
      running += 1;
      if (running === 1) tell();
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        running -= 1;
        if (running === 0) tell();
      };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
