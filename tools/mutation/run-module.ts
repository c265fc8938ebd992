import { type ChildProcess, spawn } from "node:child_process";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { instrument, type Mutant } from "./instrument.ts";
import type { VerifyingModule } from "./modules.ts";
import { activeFile, type MutationState, readState, stateVariable, writeState } from "./state.ts";

/** What became of a mutant. */
export type Fate = "killed" | "survived" | "uncovered";

/** A module's mutants with their fates. */
export interface ModuleResult {
  readonly name: string;
  readonly mutants: readonly (Mutant & { readonly fate: Fate })[];
}

/** How thoroughly a module is tested. */
export interface ModuleOptions {
  /** One mutant in so many is asked about. */
  readonly every: number;
  /** Tests that take longer without any mutant, in milliseconds, are left out. */
  readonly slowestMs: number;
  /** Whether a mutant is asked about at all. */
  readonly isAsked: (mutant: Mutant) => boolean;
}

/**
 * A mutant may hold up a test for so long, by the clock on the wall, before it counts as noticed: it never ends. So many
 * milliseconds, and so many times what the test took without it.
 */
const hang = { milliseconds: 12_000, times: 40 };
/** A test that waits in vain with a mutant fails by itself, after so long and so many times the bound of its round. */
const wait = { milliseconds: 5000, times: 10 };
/** The same for a mutant that is there from the start, for all tests together. */
const aloneHangMs = 90_000;
/** The quick tests go first, for most mutants: bounds in milliseconds. */
const rounds = [100, 1000];

/**
 * Tests one module by mutation.
 * @param workspace - a copy, which is changed
 */
export async function runModule(
  workspace: string,
  module: VerifyingModule,
  { every, slowestMs: last, isAsked }: ModuleOptions,
  say: (line: string) => void,
): Promise<ModuleResult> {
  const directory = join(workspace, "packages", module.package);
  const found = (patterns: readonly string[]): string[] => [
    ...new Set(patterns.flatMap((pattern) => globSync(pattern, { cwd: directory }).sort())),
  ];
  const all = await instrument(
    directory,
    found(module.files).map((file) => join(directory, file)),
  );
  const mutants = all.filter((mutant, at) => at % every === 0 && isAsked(mutant));
  const asked = Object.fromEntries(mutants.map(({ id }) => [id, true as const]));
  const state = join(workspace, `mutation-${module.name.replaceAll(" ", "-")}.json`);
  writeState(state, {
    phase: "cover",
    slowestMs: 0,
    asked,
    coverage: {},
    loaded: {},
    killed: {},
    unnoticed: {},
    careful: {},
    again: false,
  });
  const config = writeConfig(workspace, directory, 20_000);
  const tests = found(module.tests);
  const run = { directory, config, state };
  for (const test of tests) await runFile(run, test);
  say(`${module.name}: ${mutants.length} mutants, ${tests.length} test files`);
  for (const slowestMs of [...rounds.filter((bound) => bound < last), last]) {
    writeConfig(workspace, directory, wait.milliseconds + wait.times * slowestMs);
    for (const test of tests) {
      do {
        writeState(state, { ...readState(state), phase: "mutate", slowestMs, again: false });
        await runFile(run, test);
      } while (readState(state).again);
    }
    say(`${module.name}: ${Object.keys(readState(state).killed).length} killed by tests of at most ${slowestMs} ms`);
  }
  const { loaded: atLoad, coverage: inTests } = readState(state);
  const passed = new Set(Object.values(inTests).flatMap(({ hits }) => Object.keys(hits)));
  const again = mutants.filter(({ id }) => module.remembers === true || (atLoad[id] === true && !passed.has(id)));
  await runAlone(run, tests, again, say);
  const { killed, coverage, loaded } = readState(state);
  const covered = new Set([
    ...Object.values(coverage).flatMap(({ hits }) => Object.keys(hits)),
    ...Object.keys(loaded),
  ]);
  const fateOf = ({ id }: Mutant): Fate =>
    killed[id] !== undefined ? "killed" : covered.has(id) ? "survived" : "uncovered";
  return { name: module.name, mutants: mutants.map((mutant) => ({ ...mutant, fate: fateOf(mutant) })) };
}

interface Run {
  readonly directory: string;
  readonly config: string;
  readonly state: string;
}

function writeConfig(workspace: string, directory: string, testTimeout: number): string {
  const config = join(workspace, "mutation-config.mjs");
  // A property that failed once has noticed the mutant: it is not looked for the smallest example.
  const setup = join(directory, "mutation-setup.mjs");
  const properties = readFileSync(join(directory, "package.json"), "utf8").includes('"fast-check"');
  const quick = 'import { configureGlobal } from "fast-check";\nconfigureGlobal({ endOnFailure: true });\n';
  writeFileSync(setup, properties ? quick : "");
  const test = {
    setupFiles: [setup],
    runner: join(import.meta.dirname, "mutation-runner.ts"),
    testTimeout,
    maxWorkers: 1,
    watch: false,
    reporters: ["dot"],
    silent: true,
  };
  writeFileSync(config, `export default ${JSON.stringify({ test })};\n`);
  return config;
}

/**
 * A process for each mutant, with the mutant on from the start: those in what only runs while files are loaded (patterns,
 * tables), and those that what was remembered hides.
 */
async function runAlone(
  run: Run,
  tests: readonly string[],
  mutants: readonly Mutant[],
  say: (line: string) => void,
): Promise<void> {
  const { killed } = readState(run.state);
  const left = mutants.filter(({ id }) => killed[id] === undefined);
  say(`${left.length} mutants alone`);
  for (const { id } of left) {
    const child = startVitest({ ...run, config: "vitest.config.ts" }, ["--bail", "1", ...tests], {
      __STRYKER_ACTIVE_MUTANT__: id,
    });
    const end = performance.now() + aloneHangMs;
    while (child.exitCode === null && child.signalCode === null && performance.now() < end) await sleep(50);
    if (child.exitCode === 0) continue;
    kill(child);
    const state = readState(run.state);
    writeState(run.state, { ...state, killed: { ...state.killed, [id]: "alone" } });
  }
}

async function runFile(run: Run, test: string): Promise<void> {
  const active = activeFile(run.state);
  writeFileSync(active, "");
  const child = startVitest(run, [test], { [stateVariable]: run.state });
  while (child.exitCode === null && child.signalCode === null) {
    await sleep(50);
    const idleMs = Date.now() - statSync(active).mtimeMs;
    if (idleMs < hang.milliseconds) continue;
    const state: MutationState = readState(run.state);
    const [id = "", mutant = ""] = readFileSync(active, "utf8").split(" ");
    const usual = state.coverage[id]?.milliseconds ?? 3000;
    if (idleMs < hang.milliseconds + hang.times * usual) continue;
    kill(child);
    const killed = mutant === "" ? state.killed : { ...state.killed, [mutant]: "it never ends" };
    writeState(run.state, { ...state, killed, again: mutant !== "" });
    return;
  }
}

function startVitest({ directory, config }: Run, files: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const vitest = join(directory, "node_modules/vitest/vitest.mjs");
  return spawn(process.execPath, [vitest, "run", "--config", config, "--root", directory, ...files], {
    cwd: directory,
    env: { ...process.env, ...env },
    stdio: process.env["MUTATION_DEBUG"] === undefined ? "ignore" : "inherit",
    detached: true,
  });
}

/** Ends a process with those that it started. */
function kill({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // Gone already.
  }
}
