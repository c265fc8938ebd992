import type { Row, UnmeasuredRow } from "./row.ts";
import { isMissed } from "./row.ts";

const heading = ["figure", "median", "target", "rival or limit", "ratio", "runs", "condition"] as const;

/** A number with three significant digits and its unit. */
export function formatValue(value: number, unit: string): string {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

function cells(row: Row | UnmeasuredRow): string[] {
  if ("unmeasured" in row) return [row.figure, "not measured", "", "", "", "", row.unmeasured];
  const { target, rival, unit } = row;
  const bound = target === undefined ? "" : `${Number(target.limit.toPrecision(4))} ${unit}`;
  const promised = target === undefined ? "" : `${target.better === "lower" ? "<" : ">"} ${bound}`;
  return [
    row.figure,
    `${formatValue(row.value, unit)}${isMissed(row) ? " MISSED" : ""}`,
    promised,
    rival === undefined ? "" : `${rival.name} ${formatValue(rival.value, unit)}`,
    rival === undefined ? "" : `${(row.value / rival.value).toFixed(2)}×`,
    String(row.samples),
    row.condition,
  ];
}

/** The table for a terminal. */
export function textTable(rows: readonly (Row | UnmeasuredRow)[]): string {
  const all = [[...heading], ...rows.map(cells)];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? "").length)));
  return all
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** The table for `RESULTS.md`. */
export function markdownTable(rows: readonly (Row | UnmeasuredRow)[]): string {
  const line = (row: readonly string[]): string => `| ${row.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heading), line(heading.map(() => "---")), ...rows.map((row) => line(cells(row)))].join("\n");
}
