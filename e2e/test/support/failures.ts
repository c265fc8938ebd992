import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { chownSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { cliEntry, homeEnvironment, processesOf, startNode, treeFiles } from "@ggen/testkit";

/** An error as `--json` shows it. */
export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly expected?: string;
  readonly got?: string;
}

/** What a command that failed left. */
export interface FailedRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Exit status of each error code, from the page that users read. */
export const documentedExits: ReadonlyMap<string, number> = new Map(
  [
    ...readFileSync(join(import.meta.dirname, "../../../docs/errors.md"), "utf8").matchAll(
      /^\| `([\w.-]+)` \|.*\| (\d) \| \d+ \|$/gm,
    ),
  ].map(([, code = "", exit]) => [code, Number(exit)]),
);

/** What runs a command as somebody whom file modes bind; empty when that is this user already. */
const unprivileged = process.getuid?.() === 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

/** Whether commands can be run as somebody whom file modes bind: root needs setpriv, and a checkout that others may read. */
export const hasUnprivileged: boolean =
  unprivileged.length === 0 ||
  spawnSync("setpriv", [...unprivileged.slice(1), process.execPath, "--check", cliEntry()]).status === 0;

/** How {@link runFailing} runs a command. */
export interface FailingOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** As somebody whom file modes bind. */
  readonly unprivileged?: boolean;
}

/**
 * Runs a command line to its end.
 * @param home - its `GGEN_HOME`, which need not exist
 * @param args - the command line after `ggen`
 */
export async function runFailing(
  home: string,
  args: readonly string[],
  options: FailingOptions = {},
): Promise<FailedRun> {
  const [file = "", ...rest] = [
    ...(options.unprivileged === true ? unprivileged : []),
    process.execPath,
    cliEntry(),
    ...args,
  ];
  const child = spawn(file, rest, {
    cwd: options.cwd ?? "/",
    env: homeEnvironment(home, options.env),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 40_000,
    killSignal: "SIGKILL",
  });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8");
    child[name].on("data", (text: string) => (output[name] += text));
  }
  const [code] = (await once(child, "close")) as [number | null];
  return { code, ...output };
}

/** Something that people do, and what they are told. */
export interface Case extends FailingOptions {
  readonly args: readonly string[];
  /** The error's code. */
  readonly code: string;
  /** What the error must name, in any of its parts. */
  readonly says: readonly (string | RegExp)[];
  /** Another `GGEN_HOME` than the folder that is compared. */
  readonly home?: string;
}

/**
 * What a command that fails must leave as it was. Databases are opened, and so get their journals: what is in them is
 * compared through commands. A daemon that does not start says so in its log.
 */
const lasting = (path: string): boolean => !/\.db(?:-wal|-shm)?$|^logs$/.test(path);

const onlyForProgrammers = /\bat .*[(/].*:\d+:\d+|node:internal|undefined|\[object/;

/**
 * Runs something that must be refused, for people and with `--json`.
 * @param folder - what is in it must stay as it is
 * @returns what is wrong with the refusal: nothing when it is one message with its parts, the documented exit status, and
 *   nothing left behind
 */
export async function faultsOf(
  folder: string,
  { args, code, says, home = folder, ...options }: Case,
): Promise<string[]> {
  const before = await treeFiles(folder, lasting);
  const people = await runFailing(home, args, options);
  const programs = await runFailing(home, [...args, "--json"], options);
  const after = await treeFiles(folder, lasting);
  const { error } = JSON.parse(programs.stdout) as { readonly error: Failure };
  const parts = [error.message, error.expected ?? "", error.got ?? "", error.hint];
  const whole = parts.join("\n");
  const told = people.stderr.replaceAll("\n    ", "\n");
  const changed = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (at) => before[at] !== after[at],
  );
  const checks: readonly (readonly [string, boolean])[] = [
    [`code ${error.code}, not ${code}`, error.code === code],
    ...[people.code, programs.code].map(
      (status) => [`exit status ${status} for ${code}`, status === documentedExits.get(code)] as const,
    ),
    ["a part of the message is missing", parts.every((part) => part !== "")],
    ...says.map(
      (word) =>
        [`it does not say ${word}`, typeof word === "string" ? whole.includes(word) : word.test(whole)] as const,
    ),
    ["something on stdout", people.stdout === ""],
    ["not one message", people.stderr.match(/^Error: /gm)?.length === 1],
    ["people are not told all of it", [...parts, `[${code}]`].every((part) => told.includes(part))],
    ["it shows what only a programmer reads", !onlyForProgrammers.test(told)],
    [`changed: ${changed.join(", ")}`, changed.length === 0],
    ["a process is left", processesOf(home).length === 0],
  ];
  const faults = checks.filter(([, holds]) => !holds).map(([fault]) => fault);
  return faults.length === 0 ? [] : [...faults, `ggen ${args.join(" ")}`, people.stderr, programs.stdout];
}

/** Gives files to the user as whom unprivileged commands run. */
export function giveAway(...paths: readonly string[]): void {
  if (unprivileged.length > 0) for (const path of paths) chownSync(path, 65_534, 65_534);
}

/** Makes what a node makes at its first start: identity, ports, databases. */
export async function startOnce(home: string): Promise<void> {
  const node = await startNode({ home });
  await node.stop();
}
