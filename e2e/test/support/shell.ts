import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

import { cliEntry } from "@ggen/testkit";

/**
 * A `PATH` on which `ggen` is the tested CLI, as a global installation puts it there: a link to its entry.
 * @param folder - an existing folder; `bin` is made in it
 */
export function commandPath(folder: string): string {
  const bin = join(folder, "bin");
  if (!existsSync(bin)) {
    mkdirSync(bin);
    chmodSync(cliEntry(), 0o755);
    symlinkSync(cliEntry(), join(bin, "ggen"));
  }
  return [bin, dirname(process.execPath), process.env["PATH"]].join(delimiter);
}

/** What a finished script left. */
export interface ScriptResult {
  readonly code: number;
  /** stdout and stderr in the order in which they were written. */
  readonly output: string;
}

/**
 * Runs lines in bash as somebody types them: one after another, whatever their exit status.
 * @param script - lines of bash
 * @param env - the whole environment
 * @param options - `cwd`, and `before`: a program with arguments that runs bash, e.g. in a network namespace
 * @returns the exit status of the last line
 */
export async function runScript(
  script: string,
  env: Readonly<Record<string, string>>,
  options: { readonly cwd: string; readonly before?: readonly string[] },
): Promise<ScriptResult> {
  const [file, ...args] = [...(options.before ?? []), "bash", "--noprofile", "--norc", "-c", script];
  const child = spawn(file, args, { cwd: options.cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => (output += text));
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code: code ?? -1, output };
}

/** A bash in a terminal of its own. */
export interface Terminal {
  /** Everything that the terminal showed, what was typed included. */
  readonly screen: () => string;
  /** Presses keys; `"\x03"` is Ctrl-C. */
  type(keys: string): void;
  /** Closes the window: the processes in it are hung up. */
  close(): Promise<void>;
}

/**
 * Opens a terminal with a bash in it.
 * @param env - the whole environment
 * @param options - as for {@link runScript}
 */
export function openTerminal(
  env: Readonly<Record<string, string>>,
  options: { readonly cwd: string; readonly before?: readonly string[] },
): Terminal {
  const [file, ...args] = [...(options.before ?? []), "script", "-qfc", "bash --noprofile --norc", "/dev/null"];
  const child: ChildProcess = spawn(file, args, {
    cwd: options.cwd,
    env: { ...env, PS1: "$ ", TERM: "xterm", SHELL: "/bin/bash" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const gone = once(child, "exit");
  let shown = "";
  child.stdout?.setEncoding("utf8");
  child.stdout?.on("data", (text: string) => (shown += text));
  // What is typed into a window that has closed is lost, as it is on a desktop.
  child.stdin?.on("error", () => undefined);
  return {
    screen: () => shown,
    type: (keys) => void child.stdin?.write(keys),
    async close() {
      child.kill("SIGKILL");
      await gone;
    },
  };
}
