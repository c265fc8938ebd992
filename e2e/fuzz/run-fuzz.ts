import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { targetFiles } from "./load-targets.ts";
import type { Outcome } from "./run-target.ts";
import { createSharedState, type SharedState } from "./shared-state.ts";
import type { Finding } from "./target.ts";
import type { Job } from "./worker.ts";

/** An input that takes longer, by the clock on the wall, hangs: far above what a loaded machine needs. */
const defaultHangMs = 30_000;
/** Heap of a worker in MiB. The largest inputs are 1 MiB. */
const maxHeapMb = 512;
/** Memory of the whole process in bytes, buffers included. */
const maxRss = 3 * 2 ** 30;
const lookEveryMs = 100;

/** What is to be fuzzed, and for how long. */
export interface FuzzOptions {
  /** The workspace whose targets run. */
  readonly root: string;
  /** The same seed makes the same inputs in the same order. */
  readonly seed: number;
  /** Wall time for all targets together. */
  readonly seconds: number;
  readonly threads: number;
  /** Only the target of this name, else those whose names contain it. */
  readonly only?: string;
  /** An input that takes longer, by the clock on the wall, hangs; 30,000 when absent. */
  readonly hangMs?: number;
  readonly onFinding?: (finding: Finding) => void;
  readonly onRound?: (figures: FuzzFigures) => void;
}

/** What one target did. */
export interface TargetFigures {
  readonly target: string;
  readonly executions: number;
  readonly accepted: number;
  readonly ways: number;
  readonly slowestMs: number;
}

/** What was done and found. */
export interface FuzzFigures {
  readonly targets: readonly TargetFigures[];
  readonly findings: readonly Finding[];
}

interface Entry {
  readonly file: string;
  readonly target: string;
  learnt: readonly Uint8Array[];
  figures: TargetFigures;
}

/**
 * Runs every target in turn, a thread each, until the time is over. A target with a finding is left alone after that.
 * @throws Error when there are no targets
 */
export async function runFuzz(options: FuzzOptions): Promise<FuzzFigures> {
  const entries = await findEntries(options);
  const findings: Finding[] = [];
  const figures = (): FuzzFigures => ({ targets: entries.map((entry) => entry.figures), findings });
  const end = Date.now() + options.seconds * 1000;
  // A minute is shared out in one round; an hour in rounds of a few minutes each, so that all targets learn.
  const rounds = Math.max(1, Math.round(options.seconds / 300));
  for (let round = 0; round < rounds; round++) {
    const roundEnd = Date.now() + Math.max(0, end - Date.now()) / (rounds - round);
    const queue = entries.filter(({ target }) => findings.every((finding) => finding.target !== target));
    const work = async (): Promise<void> => {
      for (let entry = queue.shift(); entry !== undefined; entry = queue.shift()) {
        // What is left, start-up included, shared out among those that are left.
        const share = (Math.max(0, roundEnd - Date.now()) * options.threads) / (queue.length + options.threads);
        const outcome = await runJob(entry, {
          ...options,
          seed: `${options.seed}/${round}`,
          until: Date.now() + share,
        });
        entry.learnt = outcome.learnt;
        entry.figures = add(entry.figures, outcome);
        if (outcome.finding === undefined) continue;
        findings.push(outcome.finding);
        options.onFinding?.(outcome.finding);
      }
    };
    await Promise.all(Array.from({ length: options.threads }, work));
    options.onRound?.(figures());
  }
  return figures();
}

async function findEntries({ root, only = "" }: FuzzOptions): Promise<readonly Entry[]> {
  const entries: Entry[] = [];
  for (const file of targetFiles(root)) {
    const worker = startWorker({ file });
    try {
      const [names] = (await once(worker, "message")) as [readonly string[]];
      for (const target of names) {
        const figures = { target, executions: 0, accepted: 0, ways: 0, slowestMs: 0 };
        entries.push({ file, target, learnt: [], figures });
      }
    } finally {
      await worker.terminate();
    }
  }
  const exact = entries.filter(({ target }) => target === only);
  const chosen = exact.length > 0 ? exact : entries.filter(({ target }) => target.includes(only));
  if (chosen.length === 0) throw new Error(`no targets below ${root}`);
  return chosen;
}

function startWorker(job: Job): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), {
    workerData: job,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
}

function add(figures: TargetFigures, outcome: Outcome): TargetFigures {
  return {
    target: figures.target,
    executions: figures.executions + outcome.executions,
    accepted: figures.accepted + outcome.accepted,
    ways: Math.max(figures.ways, outcome.ways),
    slowestMs: Math.max(figures.slowestMs, outcome.slowestMs),
  };
}

async function runJob(
  { file, target, learnt }: Entry,
  {
    seed,
    until,
    hangMs = defaultHangMs,
  }: Pick<FuzzOptions, "hangMs"> & { readonly seed: string; readonly until: number },
): Promise<Outcome> {
  const shared = createSharedState();
  const worker = startWorker({ file, run: { target, seed, until, learnt, shared: shared.buffer } });
  const stopped = (kind: Finding["kind"], message: string): Outcome => ({
    executions: shared.execution,
    accepted: 0,
    ways: 0,
    slowestMs: 0,
    learnt,
    finding: {
      target,
      kind,
      message: shared.running ? message : `while an input was made, which is the fuzzer's own fault: ${message}`,
      execution: shared.execution,
      input: shared.input,
    },
  });
  const watching = new AbortController();
  try {
    return await Promise.race([
      once(worker, "message").then(
        ([outcome]) => outcome as Outcome,
        (error: NodeJS.ErrnoException) => {
          const memory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
          return stopped(memory ? "memory" : "crash", error.stack ?? error.message);
        },
      ),
      watch(shared, hangMs, watching.signal).then(({ kind, message }) => stopped(kind, message)),
    ]);
  } finally {
    watching.abort();
    await worker.terminate();
  }
}

/** Resolves when the worker is over a limit that it cannot look at itself. */
async function watch(
  shared: SharedState,
  hangMs: number,
  signal: AbortSignal,
): Promise<{ readonly kind: "hang" | "memory"; readonly message: string }> {
  let execution = -1;
  let since = performance.now();
  while (!signal.aborted) {
    if (shared.execution !== execution) {
      execution = shared.execution;
      since = performance.now();
    } else if (execution > 0 && performance.now() - since > hangMs) {
      return { kind: "hang", message: `no end after ${hangMs / 1000} s` };
    }
    const rss = process.memoryUsage.rss();
    if (rss > maxRss) return { kind: "memory", message: `${Math.round(rss / 2 ** 20)} MiB in the process` };
    await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
  }
  return { kind: "hang", message: "stopped" };
}
