import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";

import { homeEnvironment } from "./home.ts";
import { track } from "./processes.ts";

/** Which CLI is run: the built bundle, its source, or another entry file by its absolute path (an installed one). */
export type CliKind = "built" | "source" | `/${string}`;

/** How a ggen process is run. */
export interface RunOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cli?: CliKind;
  /** The network namespace that it runs in, from `createLocalNetwork`. */
  readonly namespace?: string;
}

/** What a finished ggen process left. */
export interface RunResult {
  /** Exit status; -1 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** `stdout` as JSON. @throws Error with all output when it is not JSON */
  json(): unknown;
}

const maxOutputCharacters = 8 * 1024 * 1024;
const apps = join(import.meta.dirname, "../../../../apps");

/**
 * The file that Node.js runs as ggen: of the built CLI unless `GGEN_TEST_CLI` chooses another for a whole run.
 * @returns its absolute path
 */
export function cliEntry(kind: CliKind = (process.env["GGEN_TEST_CLI"] ?? "built") as CliKind): string {
  if (kind === "built") return join(apps, "cli/bin/run.js");
  return kind === "source" ? join(apps, "cli/bin/dev.js") : kind;
}

/**
 * Starts a ggen process whose output is pipes; killed after the test file.
 * @param home - its `GGEN_HOME`
 * @param args - the command line after `ggen`
 */
export function spawnGgen(home: string, args: readonly string[], options: RunOptions = {}): ChildProcess {
  const command = [process.execPath, cliEntry(options.cli), ...args];
  // ip becomes the command, so that the child's process id is that of ggen.
  if (options.namespace !== undefined) command.unshift("ip", "netns", "exec", options.namespace);
  const [program = "", ...rest] = command;
  const child = spawn(program, rest, {
    cwd: options.cwd ?? home,
    env: homeEnvironment(home, options.env),
    stdio: ["ignore", "pipe", "pipe"],
  });
  track(child);
  return child;
}

/** Keeps the last few megabytes of a stream as text. */
export function collect(stream: NodeJS.ReadableStream | null, onText?: (text: string) => void): () => string {
  let text = "";
  stream?.setEncoding("utf8");
  stream?.on("data", (part: string) => {
    text = (text + part).slice(-maxOutputCharacters);
    onText?.(part);
  });
  return () => text;
}

/**
 * Runs a ggen command to its end; an exit status other than 0 is a result, not an error.
 * @param home - its `GGEN_HOME`
 * @param args - the command line after `ggen`
 * @param options - `timeoutMs`: when it is killed (60 s)
 * @throws Error with all output when it did not end in time
 */
export async function ggen(
  home: string,
  args: readonly string[],
  options: RunOptions & { readonly timeoutMs?: number } = {},
): Promise<RunResult> {
  const child = spawnGgen(home, args, options);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const describe = (): string => `ggen ${args.join(" ")}\n--- stdout\n${stdout()}\n--- stderr\n${stderr()}`;
  const timeoutMs = options.timeoutMs ?? 60_000;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    child.kill("SIGKILL");
  }, timeoutMs);
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve(status ?? -1));
  }).finally(() => clearTimeout(timer));
  if (late) throw new Error(`Not done after ${timeoutMs} ms: ${describe()}`);
  return {
    code,
    stdout: stdout(),
    stderr: stderr(),
    json() {
      try {
        return JSON.parse(stdout());
      } catch {
        throw new Error(`Exit status ${code}, and no JSON from: ${describe()}`);
      }
    },
  };
}
