import { setImmediate } from "node:timers/promises";

import type { GgenError } from "@ggen/p2p-types";

import { checkAborted } from "../storage/fs-errors.ts";
import { explainGivingUp } from "./explain.ts";

/** What a search may still do. */
export interface Budget {
  /** Takes one step; now and then lets other work of the process run. */
  step(): Promise<void>;
  /** Takes the comparison of some versions with some ranges. */
  compare(count: number): void;
  /** Remembers why the search had to turn back; the first reason is the one that people are told. */
  note(conflict: GgenError): void;
  readonly firstConflict: GgenError | undefined;
}

const stepsBetweenPauses = 50;
/** A comparison takes about 2 µs. */
const comparisonsPerStep = 100;

/**
 * @param maxSteps - most steps; a hundred comparisons are allowed for each
 * @throws GgenError (from its methods) `dependency.unresolvable`, `aborted`
 */
export function createBudget(maxSteps: number, signal: AbortSignal | undefined): Budget {
  let steps = 0;
  let comparisons = 0;
  let firstConflict: GgenError | undefined;
  const giveUp = (): GgenError => explainGivingUp(`${maxSteps} steps`, firstConflict);
  return {
    async step() {
      checkAborted(signal);
      steps += 1;
      if (steps > maxSteps) throw giveUp();
      if (steps % stepsBetweenPauses === 0) await setImmediate();
    },
    compare(count) {
      comparisons += count;
      if (comparisons > maxSteps * comparisonsPerStep) throw giveUp();
    },
    note(conflict) {
      firstConflict ??= conflict;
    },
    get firstConflict() {
      return firstConflict;
    },
  };
}
