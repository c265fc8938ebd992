import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { markdownTable } from "./format.ts";
import { describeMachine } from "./machine.ts";
import type { Row, UnmeasuredRow } from "./row.ts";

/** Where the figures of the last complete run are kept. */
export const resultsFile: string = join(import.meta.dirname, "..", "..", "RESULTS.md");

/** What long runs by hand added at the end; a benchmark does not take it away. */
async function soakSection(): Promise<string> {
  const text = await readFile(resultsFile, "utf8").catch(() => "");
  const at = text.indexOf("\n## Soak\n");
  return at === -1 ? "" : text.slice(at);
}

/** Writes `RESULTS.md`, all but its section "Soak". */
export async function writeResults(rows: readonly (Row | UnmeasuredRow)[], date: Date): Promise<void> {
  const text = `# Results

Written by \`pnpm bench\` on ${date.toISOString().slice(0, 10)}; do not edit. How each figure is measured: [README](README.md).

Machine: ${describeMachine()}

Figures are medians. The ratio is the figure divided by its rival or limit, measured in the same run: it travels between machines better than the figure.

${markdownTable(rows)}
${await soakSection()}`;
  await writeFile(resultsFile, text);
}
