import { stopFleet } from "@ggen/testkit";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { textTable } from "./report/format.ts";
import { describeMachine } from "./report/machine.ts";
import { resultsFile, writeResults } from "./report/results-file.ts";
import { isMissed } from "./report/row.ts";
import type { Row, UnmeasuredRow } from "./report/row.ts";
import { scenarios } from "./scenarios/index.ts";

const usage = `pnpm bench [--check] [SCENARIO…]\n  scenarios: ${scenarios.map(({ name }) => name).join(", ")}`;

process.exitCode = await main();

async function main(): Promise<number> {
  const options = { check: { type: "boolean" }, help: { type: "boolean" } } as const;
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  const unknown = positionals.filter((name) => !scenarios.some((scenario) => scenario.name === name));
  if (values.help === true || unknown.length > 0) {
    if (unknown.length > 0) console.error(`Error: no scenario ${unknown.join(", ")}`);
    console.error(usage);
    return unknown.length > 0 ? 2 : 0;
  }
  if (!existsSync(join(import.meta.dirname, "../../apps/cli/dist"))) {
    console.error("Error: the CLI is not built\n  → pnpm build");
    return 1;
  }
  console.log(describeMachine());
  const chosen = scenarios.filter(({ name, onRequest = false }) =>
    positionals.length === 0 ? !onRequest || values.check === true : positionals.includes(name),
  );
  const rows: (Row | UnmeasuredRow)[] = [];
  let failures = 0;
  for (const scenario of chosen) {
    const since = performance.now();
    process.stderr.write(`▸ ${scenario.name}`);
    try {
      rows.push(...(await scenario.run()));
    } catch (error) {
      failures += 1;
      const message = error instanceof Error ? error.message : String(error);
      rows.push({ figure: scenario.name, unmeasured: `FAILED: ${message.split("\n", 1)[0]}` });
      process.stderr.write(`\n${message}\n`);
    } finally {
      await stopFleet();
    }
    process.stderr.write(` ${((performance.now() - since) / 1000).toFixed(1)} s\n`);
  }
  console.log(`\n${textTable(rows)}`);
  if (positionals.length === 0) {
    await writeResults(rows, new Date());
    console.log(`\nWritten to ${resultsFile}`);
  }
  const missed = rows.filter((row): row is Row => !("unmeasured" in row) && isMissed(row));
  for (const row of missed) console.error(`Missed: ${row.figure}`);
  return failures > 0 || (values.check === true && missed.length > 0) ? 1 : 0;
}
