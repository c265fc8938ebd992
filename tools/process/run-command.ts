import { spawn } from "node:child_process";

/** How to run a command. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Show its output while it runs; otherwise it is only kept. */
  readonly show?: boolean;
  readonly signal?: AbortSignal;
}

/** What became of a command. */
export interface CommandResult {
  /** Exit status; 1 when a signal ended it or it could not be started. */
  readonly code: number;
  readonly stdout: string;
  /** Both streams in the order in which they came; empty when shown. */
  readonly output: string;
}

/** Runs a command to its end. Never rejects: a command that cannot be started is one that failed. */
export function runCommand(command: string, args: readonly string[], options: RunOptions = {}): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.show === true ? "inherit" : ["ignore", "pipe", "pipe"],
      signal: options.signal,
    });
    let stdout = "";
    let output = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
      output += chunk;
    });
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      output += chunk;
    });
    child.on("error", (error) => {
      resolve({ code: 1, stdout, output: `${output}${error.message}\n` });
    });
    child.on("close", (code) => {
      resolve({ code: code ?? 1, stdout, output });
    });
  });
}
