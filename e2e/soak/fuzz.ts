import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";

import { loadTargets, targetFiles } from "../fuzz/load-targets.ts";
import { type FuzzFigures, runFuzz } from "../fuzz/run-fuzz.ts";
import type { Finding } from "../fuzz/target.ts";
import { machineText } from "./machine-text.ts";

/** How the command is called. */
export const fuzzUsage =
  "pnpm soak fuzz [--minutes N | --seconds N] [--seed N] [--target NAME] [--threads N]\n" +
  "       pnpm soak fuzz --target NAME --input FILE";

const here = resolve(import.meta.dirname, "../..");

/** What `--json FILE` writes: the figures, inputs in base64. */
export interface FuzzReport extends Pick<FuzzFigures, "targets"> {
  readonly findings: readonly (Omit<Finding, "input"> & { readonly input: string })[];
}

/**
 * Runs the fuzzer by hand, or one input again.
 * @param argv - after `fuzz`
 * @returns exit status: 1 when something was found; undefined when the arguments are wrong
 */
export async function soakFuzz(argv: readonly string[]): Promise<number | undefined> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: "string", default: "60" },
      seconds: { type: "string" },
      seed: { type: "string", default: String(Date.now() % 1e6) },
      target: { type: "string", default: "" },
      threads: { type: "string", default: String(availableParallelism()) },
      input: { type: "string" },
      root: { type: "string", default: here },
      json: { type: "string" },
      "hang-ms": { type: "string", default: "30000" },
    },
  });
  if (values.input !== undefined) return replay(values.root, values.target, readFileSync(values.input));
  const seconds = values.seconds === undefined ? Number(values.minutes) * 60 : Number(values.seconds);
  const [seed, threads] = [Number(values.seed), Number(values.threads)];
  if (!(seconds > 0) || !Number.isInteger(seed) || !Number.isInteger(threads) || threads < 1) return undefined;

  process.stdout.write(`seed ${seed}\n`);
  const figures = await runFuzz({
    root: values.root,
    hangMs: Number(values["hang-ms"]),
    seed,
    seconds,
    threads,
    only: values.target,
    onFinding: showFinding,
    onRound: ({ targets, findings }) => {
      const done = targets.reduce((sum, { executions }) => sum + executions, 0);
      process.stdout.write(`${new Date().toISOString()} ${done} executions, ${findings.length} findings\n`);
    },
  });
  report(
    figures,
    `pnpm soak fuzz --${values.seconds === undefined ? `minutes ${values.minutes}` : `seconds ${seconds}`} --seed ${seed}`,
  );
  if (values.json !== undefined) {
    const findings = figures.findings.map(({ input, ...rest }) => ({
      ...rest,
      input: Buffer.from(input).toString("base64"),
    }));
    writeFileSync(values.json, JSON.stringify({ targets: figures.targets, findings } satisfies FuzzReport));
  }
  return figures.findings.length === 0 ? 0 : 1;
}

async function replay(root: string, name: string, input: Uint8Array): Promise<number | undefined> {
  for (const file of targetFiles(root)) {
    const target = (await loadTargets(file)).get(name);
    if (target === undefined) continue;
    process.stdout.write(`${JSON.stringify(await target.run(new Uint8Array(input)))}\n`);
    return 0;
  }
  return undefined;
}

function report({ targets, findings }: FuzzFigures, command: string): void {
  const executions = targets.reduce((sum, target) => sum + target.executions, 0);
  const slowest = Math.max(...targets.map(({ slowestMs }) => slowestMs));
  // Rows for bench/RESULTS.md.
  process.stdout.write(
    "\n| decoder | executions | accepted | ways | slowest input, ms of processor time |\n|---|---|---|---|---|\n",
  );
  for (const { target, executions: done, accepted, ways, slowestMs } of targets) {
    process.stdout.write(`| ${target} | ${done} | ${accepted} | ${ways} | ${slowestMs.toFixed(0)} |\n`);
  }
  process.stdout.write(
    `\n| ${new Date().toISOString().slice(0, 10)} | ${machineText()} | \`${command}\` ` +
      `| ${executions} executions over ${targets.length} decoders, slowest ${slowest.toFixed(0)} ms | ${findings.length} |\n`,
  );
}

function showFinding({ target, kind, message, execution, input }: Finding): void {
  const file = join(tmpdir(), `ggen-fuzz-${target.replaceAll(/[^a-z]+/gi, "-")}-${execution}.bin`);
  writeFileSync(file, input);
  process.stdout.write(`\n${kind} in ${target}, execution ${execution}: ${message}\n`);
  process.stdout.write(`again: pnpm soak fuzz --target ${JSON.stringify(target)} --input ${file}\n`);
}
