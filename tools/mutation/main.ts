import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, setPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { copyWorkspace } from "./copy-workspace.ts";
import type { Mutant } from "./instrument.ts";
import { modules } from "./modules.ts";
import { type ModuleResult, runModule } from "./run-module.ts";

const { positionals: wanted, values } = parseArgs({
  allowPositionals: true,
  options: {
    every: { type: "string", default: "1" },
    slowest: { type: "string", default: "5000" },
    alive: { type: "boolean", default: false },
  },
});
const every = Number(values.every);
const slowestMs = Number(values.slowest);
const chosen =
  wanted.length === 0 ? modules : wanted.flatMap((name) => modules.filter((module) => module.name === name));
if (chosen.length === 0 || !Number.isInteger(every) || every < 1 || !(slowestMs > 0)) {
  console.error(`Expected one of ${modules.map(({ name }) => name).join(", ")}, got ${wanted.join(", ")}.`);
  process.exit(2);
}
setPriority(10);
for (const module of chosen) {
  // A new copy each time: what one module's mutants did to it is gone.
  const workspace = mkdtempSync(join(tmpdir(), "ggen-mutation-"));
  try {
    copyWorkspace(workspace);
    const since = performance.now();
    const before = values.alive ? readAlive(module.name) : undefined;
    const options = { every, slowestMs, isAsked: (mutant: Mutant) => before?.has(nameOf(mutant)) !== false };
    const result = await runModule(workspace, module, options, (line) =>
      console.log(`${new Date().toISOString()} ${line}`),
    );
    report(result, (performance.now() - since) / 60_000);
  } finally {
    rmSync(workspace, { recursive: true, force: true });
  }
}
const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Linux ${release()}, Node ${process.version}`;
console.log(`\n${new Date().toISOString().slice(0, 10)}, ${machine}`);

/** Where the mutants are written that nothing noticed. */
function aliveFile(module: string): string {
  return join(tmpdir(), `ggen-mutation-${module.replaceAll(" ", "-")}.txt`);
}

/** The same in every run, as long as the source is the same. */
function nameOf({ file, line, mutator, original, replacement }: Mutant): string {
  return `${file}:${line} ${mutator}: ${original} → ${replacement}`;
}

/** Names of the mutants that were alive when the module was tested last. */
function readAlive(module: string): ReadonlySet<string> {
  const lines = readFileSync(aliveFile(module), "utf8").split("\n");
  return new Set(lines.map((line) => line.replace(/ (?:survived|uncovered)$/, "")));
}

function report({ name, mutants }: ModuleResult, minutes: number): void {
  const alive = mutants.filter(({ fate }) => fate !== "killed");
  writeFileSync(aliveFile(name), alive.map((mutant) => `${nameOf(mutant)} ${mutant.fate}\n`).join(""));
  const killed = mutants.length - alive.length;
  const share = ((100 * killed) / mutants.length).toFixed(1);
  console.log(`| ${name} | ${mutants.length} | ${killed} | ${share} % | ${minutes.toFixed(0)} min |`);
  console.log(`survivors: ${aliveFile(name)}`);
}
