import { join } from "node:path";
import { elapsed, formatSeconds } from "../process/duration.ts";
import { interruptSignal } from "../process/interrupt.ts";
import { runCommand } from "../process/run-command.ts";
import { root } from "../process/workspace.ts";
import { checks } from "./steps.ts";

const signal = interruptSignal();
const withTests = !process.argv.includes("--no-tests");
const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith("--"));
const chosen = wanted.length === 0 ? checks : checks.filter((check) => wanted.includes(check.name));

process.exitCode = await main();

async function main(): Promise<number> {
  if (chosen.length === 0) {
    console.error(`Expected some of ${checks.map((check) => check.name).join(", ")}, got ${wanted.join(", ")}.`);
    return 2;
  }
  const lines: string[] = [];
  let failures = 0;
  const note = (name: string, ok: boolean, durationMs: number, hint: string): void => {
    if (!ok) failures += 1;
    const line = `${ok ? "✓" : "✗"} ${name.padEnd(10)} ${formatSeconds(durationMs).padStart(8)}${ok ? "" : `  → ${hint}`}`;
    lines.push(line);
    console.log(line);
  };
  const startedAt = performance.now();
  for (const check of chosen) {
    if (signal.aborted) break;
    const since = performance.now();
    const { ok, output } = await check.run(signal);
    if (!ok) console.error(output);
    note(check.name, ok, performance.now() - since, check.hint);
  }
  if (withTests && wanted.length === 0 && !signal.aborted) {
    const since = performance.now();
    const suites = [join(root, "tools", "suites", "main.ts")];
    const { code } = await runCommand(process.execPath, suites, { cwd: root, show: true, signal });
    note("tests", code === 0, performance.now() - since, "see the suites above");
  }
  console.log(`\nSummary after ${elapsed(startedAt)}:\n${lines.join("\n")}`);
  if (signal.aborted) return 130;
  console.log(failures === 0 ? "\nAll checks passed." : `\n${failures} of ${lines.length} checks failed.`);
  return failures === 0 ? 0 : 1;
}
