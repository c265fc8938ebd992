/** A thread that runs one target for a while, or says which targets a file has. */
import { parentPort, workerData } from "node:worker_threads";

import { createChance } from "./chance.ts";
import { loadTargets } from "./load-targets.ts";
import { type Outcome, runTarget } from "./run-target.ts";
import { createSharedState } from "./shared-state.ts";

/** What a worker is told to do; without a target it answers with the names of those of the file. */
export interface Job {
  readonly file: string;
  readonly run?: {
    readonly target: string;
    readonly seed: string;
    /** By the clock on the wall, in milliseconds since 1970. */
    readonly until: number;
    readonly learnt: readonly Uint8Array[];
    readonly shared: SharedArrayBuffer;
  };
}

const { file, run } = workerData as Job;
const targets = await loadTargets(file);
if (run === undefined) {
  parentPort?.postMessage([...targets.keys()]);
} else {
  const target = targets.get(run.target);
  if (target === undefined) throw new Error(`${file} has no target ${run.target}`);
  const outcome: Outcome = await runTarget(run.target, target, {
    chance: createChance(`${run.seed}/${run.target}`),
    shared: createSharedState(run.shared),
    learnt: run.learnt,
    until: run.until,
  });
  parentPort?.postMessage(outcome);
}
