import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { cliEntry, homeEnvironment } from "@ggen/testkit";

import { parseTrace, type SystemCall } from "./trace.ts";

/** How a command is traced. */
export interface TraceOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Names of the system calls that are recorded, as strace takes them. */
  readonly calls: readonly string[];
  /** Kills the process with its `nth` call of this name, counted from 1 in each thread for itself. */
  readonly killAt?: { readonly call: string; readonly nth: number };
  /** Looks at the first thread only, which is where SQLite writes; all of them when absent. */
  readonly firstThreadOnly?: boolean;
}

/** What a traced command left. */
export interface TracedRun {
  /** Exit status; undefined when a signal ended it. */
  readonly code: number | undefined;
  /** Whether SIGKILL ended it. */
  readonly killed: boolean;
  readonly calls: readonly SystemCall[];
  /** The trace as strace wrote it. */
  readonly text: string;
  readonly output: string;
}

/** A kill that comes too late to be one must not hang the run. */
const timeoutMs = 60_000;

/**
 * Runs a command under strace to its end.
 * @param command - program and arguments
 * @param env - the whole environment
 */
export async function traceCommand(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  options: Omit<TraceOptions, "env">,
): Promise<TracedRun> {
  const folder = mkdtempSync(join(tmpdir(), "gg-trace-"));
  try {
    const file = join(folder, "trace");
    const { killAt } = options;
    const args = [
      ...(options.firstThreadOnly === true ? [] : ["-f"]),
      // Faster, but what stops at the filter gets no injected signal.
      ...(killAt === undefined && options.firstThreadOnly !== true ? ["--seccomp-bpf"] : []),
      "-qq",
      "-y",
      "-s",
      "4096",
      "-o",
      file,
      "-e",
      `trace=${options.calls.join(",")}`,
      ...(killAt === undefined ? [] : ["-e", `inject=${killAt.call}:signal=SIGKILL:when=${killAt.nth}`]),
    ];
    const child = spawn("strace", [...args, "--", ...command], {
      cwd: options.cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => (output += text));
    }
    const [code, signal] = (await once(child, "close")) as [number | null, NodeJS.Signals | null];
    const text = readFileSync(file, "utf8");
    // strace ends itself as its command ended.
    return { code: code ?? undefined, killed: signal === "SIGKILL", calls: parseTrace(text), text, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Runs a ggen command under strace to its end. One thread does the work of the pool, so that its calls come in one order.
 * @param home - its `GGEN_HOME`
 * @param args - the command line after `ggen`
 */
export async function traceGgen(home: string, args: readonly string[], options: TraceOptions): Promise<TracedRun> {
  const env = homeEnvironment(home, { UV_THREADPOOL_SIZE: "1", ...options.env });
  return traceCommand([process.execPath, cliEntry(), ...args], env, options);
}
