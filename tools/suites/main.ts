import { reportCapabilities } from "@ggen/testkit";
import { buildWorkspace } from "../process/build.ts";
import { elapsed } from "../process/duration.ts";
import { interruptSignal } from "../process/interrupt.ts";
import { listMembers } from "../process/workspace.ts";
import { suiteTable, totalLine } from "./report.ts";
import { runSuite } from "./run-suite.ts";
import type { SuiteResult } from "./run-suite.ts";

const signal = interruptSignal();
const wanted = process.argv.slice(2).map((argument) => argument.replace(/^\.\//, "").replace(/\/$/, ""));
const suites = listMembers().filter((member) => member.scripts["test"]?.startsWith("vitest") === true);
const chosen =
  wanted.length === 0 ? suites : suites.filter((suite) => wanted.includes(suite.folder) || wanted.includes(suite.name));

process.exitCode = await main();

async function main(): Promise<number> {
  if (chosen.length === 0) {
    console.error(`Expected one of ${suites.map((suite) => suite.folder).join(", ")}, got ${wanted.join(", ")}.`);
    console.log(totalLine([{ passed: 0, failed: 1, skipped: 0 }]));
    return 1;
  }
  const since = performance.now();
  if (!(await buildWorkspace(signal))) {
    console.log(totalLine([{ passed: 0, failed: 1, skipped: 0 }]));
    return 1;
  }
  const results: SuiteResult[] = [];
  for (const [index, suite] of chosen.entries()) {
    if (signal.aborted) break;
    console.log(`\n▸ [${index + 1}/${chosen.length}] ${suite.folder}`);
    // One after another: suites that start nodes would otherwise measure each other.
    results.push(await runSuite(suite, signal));
  }
  const { missing, table } = reportCapabilities();
  console.log(`\n${table}`);
  if (missing.length > 0) console.error(`Expected here, and missing: ${missing.map(({ name }) => name).join(", ")}`);
  const end = signal.aborted ? "Interrupted" : "All suites ran";
  console.log(`\n${suiteTable(results)}\n\n${end} after ${elapsed(since)}.`);
  // What should have been tested and was not is a failure like any other.
  const untested = { passed: 0, failed: missing.length + (signal.aborted ? 1 : 0), skipped: 0 };
  console.log(totalLine([...results, untested]));
  return untested.failed > 0 || results.some((result) => result.failed > 0) ? 1 : 0;
}
