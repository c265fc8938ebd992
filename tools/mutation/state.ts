import { readFileSync, renameSync, writeFileSync } from "node:fs";

/** What a test did without any mutant. */
export interface Coverage {
  readonly milliseconds: number;
  /** Id of a mutant → how often its place was passed. */
  readonly hits: Readonly<Record<string, number>>;
}

/** What the tests of a module have done so far; in a file, because tests run in processes of their own. */
export interface MutationState {
  /** What the next run of a test file is for. */
  phase: "cover" | "mutate";
  /** Tests that took longer without any mutant, in milliseconds, are passed over. */
  slowestMs: number;
  /** Ids of the mutants that are asked about. */
  readonly asked: Readonly<Record<string, true>>;
  /** Id of a test → what it passed. */
  readonly coverage: Record<string, Coverage>;
  /** Ids of mutants whose places are passed while files are loaded. */
  readonly loaded: Record<string, true>;
  /** Id of a mutant → the test that noticed it. */
  readonly killed: Record<string, string>;
  /** Id of a test → mutants that it did not notice. */
  readonly unnoticed: Record<string, string[]>;
  /** Tests that need a new process after a mutant: it left something behind. */
  readonly careful: Record<string, true>;
  /** Whether the process ended itself and the test file has to be run again. */
  again: boolean;
}

/** The variable with the path of the state's file. */
export const stateVariable = "MUTATION_STATE";

/** The file with the mutant that is active now, beside the state's. */
export function activeFile(path: string): string {
  return `${path}.active`;
}

export function readState(path: string): MutationState {
  return JSON.parse(readFileSync(path, "utf8")) as MutationState;
}

export function writeState(path: string, state: MutationState): void {
  writeFileSync(`${path}.new`, JSON.stringify(state));
  renameSync(`${path}.new`, path);
}
