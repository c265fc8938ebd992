import { formatSeconds } from "../process/duration.ts";

/** Tells what happens, one line per step, each with how long it took. */
export interface Narrator {
  /** Runs a step and prints its line: what it returns is the end of the sentence. */
  step<Value>(what: string, run: () => Promise<StepResult<Value>>): Promise<Value>;
  /** The step that was running last. */
  readonly current: string;
}

/** What a step found out, for people and for the next step. */
export interface StepResult<Value> {
  readonly says: string;
  readonly value: Value;
}

/** A narrator that writes to this function. */
export function createNarrator(write: (line: string) => void): Narrator {
  let current = "";
  return {
    get current() {
      return current;
    },
    async step(what, run) {
      current = what;
      const since = performance.now();
      const { says, value } = await run();
      write(`✓ ${formatSeconds(performance.now() - since).padStart(7)}  ${what}: ${says}`);
      return value;
    },
  };
}
