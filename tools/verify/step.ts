import { runCommand } from "../process/run-command.ts";
import { root } from "../process/workspace.ts";

/** What a check found. */
export interface StepOutcome {
  readonly ok: boolean;
  /** Shown when it failed. */
  readonly output: string;
}

/** One check of the whole workspace. */
export interface Step {
  readonly name: string;
  readonly run: (signal: AbortSignal) => Promise<StepOutcome>;
  /** What to do when it fails. */
  readonly hint: string;
}

/** A check that is one command of the workspace's `node_modules/.bin`, without quoting. */
export function commandStep(name: string, command: string, hint: string): Step {
  const [file = "", ...args] = command.split(" ");
  return {
    name,
    hint,
    async run(signal) {
      const { code, output } = await runCommand(file, args, { cwd: root, signal });
      return { ok: code === 0, output: `$ ${command}\n${output}` };
    },
  };
}
