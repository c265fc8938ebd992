import { writeFileSync } from "node:fs";

import { type RunnerTask, type RunnerTestCase, TestRunner, type TestTryOptions } from "vitest";

import { activeFile, type MutationState, readState, stateVariable, writeState } from "./state.ts";

/** What the instrumented sources look at. */
interface Switches {
  activeMutant: string | undefined;
  currentTestId: string | undefined;
  hitCount: number | undefined;
  hitLimit: number | undefined;
  mutantCoverage: { static: Record<string, number>; perTest: Record<string, Record<string, number>> } | undefined;
}

/** Mutants between two looks at whether the test still passes without any. */
const batch = 16;
const path = process.env[stateVariable] ?? "";
const switches = ((globalThis as { __stryker__?: Partial<Switches> }).__stryker__ ??= {}) as Switches;

/**
 * Runs a test once for each mutant whose place it passes, in one process: mutants are switched on and off, nothing is
 * loaded again. After some of them the test runs without any, to see that none left something behind.
 */
export default class MutationRunner extends TestRunner {
  readonly #state: MutationState = readState(path);
  /** Mutants in the order of the repetitions of the test that runs; null is a look without any. */
  #order: readonly (string | null)[] = [];
  #noticed: [mutant: string, noticed: boolean][] = [];
  #began = 0;

  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(test);
    if (test.type !== "test" || this.#state.phase === "cover") return;
    const { asked, coverage, killed, unnoticed, careful, slowestMs } = this.#state;
    const done = new Set(unnoticed[test.id]);
    const { hits = {}, milliseconds = 0 } = coverage[test.id] ?? {};
    const left = Object.keys(milliseconds > slowestMs ? {} : hits).filter(
      (id) => asked[id] === true && killed[id] === undefined && !done.has(id),
    );
    if (left.length === 0) {
      test.mode = "skip";
      return;
    }
    const step = careful[test.id] === true ? 1 : batch;
    this.#order = left.flatMap((id, at) => ((at + 1) % step === 0 || at === left.length - 1 ? [id, null] : [id]));
    this.#noticed = [];
    Object.assign(test, { repeats: this.#order.length - 1, retry: 0 });
  }

  override onBeforeTryTask(test: RunnerTask, options: TestTryOptions): void {
    super.onBeforeTryTask(test, options);
    if (test.type !== "test") return;
    this.#began = performance.now();
    switches.currentTestId = test.id;
    if (this.#state.phase === "cover") return;
    const mutant = this.#order[options.repeats] ?? undefined;
    writeFileSync(activeFile(path), `${test.id} ${mutant ?? ""}`);
    switches.hitCount = 0;
    switches.hitLimit = (this.#state.coverage[test.id]?.hits[mutant ?? ""] ?? 0) * 100 + 10_000;
    switches.activeMutant = mutant;
  }

  override async onAfterRetryTask(test: RunnerTestCase, options: TestTryOptions): Promise<void> {
    switches.activeMutant = undefined;
    switches.currentTestId = undefined;
    const { result } = test;
    const failed = result?.state === "fail";
    if (this.#state.phase === "cover") {
      const hits = switches.mutantCoverage?.perTest[test.id] ?? {};
      if (!failed) this.#state.coverage[test.id] = { milliseconds: performance.now() - this.#began, hits };
      await super.onAfterRetryTask(test, options);
      return;
    }
    if (result !== undefined) {
      // A mutant that was noticed is what is wanted; thousands of reports of it are not.
      result.state = "pass";
      delete result.errors;
    }
    const mutant = this.#order[options.repeats];
    if (typeof mutant === "string") this.#noticed.push([mutant, failed]);
    else this.#look(test, failed);
    await super.onAfterRetryTask(test, options);
  }

  override onAfterRunFiles(...files: Parameters<TestRunner["onAfterRunFiles"]>): void {
    super.onAfterRunFiles(...files);
    for (const id of Object.keys(switches.mutantCoverage?.static ?? {})) this.#state.loaded[id] = true;
    writeState(path, this.#state);
  }

  /** Takes in what the mutants since the last look did, unless the test does not pass any more without one. */
  #look(test: RunnerTestCase, failed: boolean): void {
    const { killed, unnoticed, careful } = this.#state;
    const alone = this.#noticed.length === 1;
    if (!failed || alone) {
      for (const [mutant, noticed] of this.#noticed) {
        if (noticed || failed) killed[mutant] = test.name;
        else (unnoticed[test.id] ??= []).push(mutant);
      }
    }
    this.#noticed = [];
    if (!failed) return;
    if (!alone) careful[test.id] = true;
    this.#state.again = true;
    writeState(path, this.#state);
    process.kill(process.pid, "SIGKILL");
  }
}
