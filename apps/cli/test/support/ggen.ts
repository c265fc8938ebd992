import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

/** The entry from source. */
export const entry: string = fileURLToPath(new URL("../../bin/dev.js", import.meta.url));

/** What a command did. */
export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own with a short path, removed after the test. */
export async function createFolder(): Promise<string> {
  const folder = await mkdtemp("/tmp/gx-");
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Starts the CLI in a home; it is killed after the test if it still runs. */
export function startGgen(
  home: string,
  argv: readonly string[],
  options: {
    readonly cwd?: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly detached?: boolean;
    /** An open file that is its stdout. */
    readonly stdout?: number;
  } = {},
): ChildProcess {
  const child = spawn(process.execPath, [entry, ...argv], {
    cwd: options.cwd ?? "/tmp",
    env: { PATH: process.env["PATH"], HOME: home, GGEN_HOME: home, NO_COLOR: "1", ...options.env },
    stdio: ["ignore", options.stdout ?? "pipe", "pipe"],
    detached: options.detached === true,
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}

/** Runs one command line to its end. */
export async function ggen(
  home: string,
  argv: readonly string[],
  options: Parameters<typeof startGgen>[2] = {},
): Promise<Outcome> {
  const child = startGgen(home, argv, options);
  const [stdout, stderr, [status]] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    once(child, "close") as Promise<[number | null]>,
  ]);
  return { status, stdout, stderr };
}

/** Everything that a stream gives. */
export async function readAll(stream: NodeJS.ReadableStream | null): Promise<string> {
  let text = "";
  for await (const piece of stream ?? []) text += String(piece);
  return text;
}

/** The whole of stdout as the one JSON value that it must be. */
export function json(outcome: Outcome): Record<string, unknown> {
  return JSON.parse(outcome.stdout) as Record<string, unknown>;
}
