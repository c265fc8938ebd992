import { budgetOf } from "./budgets.ts";
import type { SuiteResult } from "./run-suite.ts";
import type { SuiteCounts } from "./vitest-report.ts";

/** The table of suites: name, tests, seconds, budget. */
export function suiteTable(results: readonly SuiteResult[]): string {
  const rows = results.map((result) => {
    const seconds = result.durationMs / 1000;
    const budget = budgetOf(result.folder);
    const remarks = [result.failed > 0 ? `${result.failed} FAILED` : "", seconds > budget ? "over budget" : ""];
    return [
      result.folder,
      String(result.passed + result.failed + result.skipped),
      seconds.toFixed(1),
      String(budget),
      remarks.filter((remark) => remark !== "").join(", "),
    ];
  });
  const all = [["suite", "tests", "seconds", "budget", ""], ...rows];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The last line of a run, which other programs read. */
export function totalLine(counts: readonly SuiteCounts[]): string {
  const sum = (key: keyof SuiteCounts): number => counts.reduce((total, suite) => total + suite[key], 0);
  return `${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`;
}
