import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { runCommand } from "../process/run-command.ts";
import type { Member } from "../process/workspace.ts";
import { countSuite } from "./vitest-report.ts";
import type { SuiteCounts } from "./vitest-report.ts";

/** What a suite did, and how long it took. */
export interface SuiteResult extends SuiteCounts {
  readonly folder: string;
  readonly durationMs: number;
}

/** Runs a member's vitest suite with its output shown, and counts its tests. */
export async function runSuite(member: Member, signal: AbortSignal): Promise<SuiteResult> {
  const since = performance.now();
  const scratch = await mkdtemp(join(tmpdir(), "ggen-suite-"));
  try {
    const reportFile = join(scratch, "report.json");
    const vitest = join(
      dirname(createRequire(join(member.directory, "package.json")).resolve("vitest/package.json")),
      "vitest.mjs",
    );
    const args = [vitest, "run", "--reporter=dot", "--reporter=json", `--outputFile.json=${reportFile}`];
    const { code } = await runCommand(process.execPath, args, { cwd: member.directory, show: true, signal });
    const text = await readFile(reportFile, "utf8").catch(() => undefined);
    return { folder: member.folder, durationMs: performance.now() - since, ...countSuite(text, code) };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
