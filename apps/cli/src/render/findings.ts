import type { Finding } from "../doctor/examine.ts";
import type { Style } from "./style.ts";

/** What the doctor found, one thing a line, with what to do below it. */
export function renderFindings(findings: readonly Finding[], style: Style): string {
  const mark = { ok: style.green("✓"), warning: style.yellow("!"), error: style.red("✗") };
  const width = Math.max(0, ...findings.map(({ subject }) => subject.length));
  return findings
    .map(({ subject, level, detail, hint }) => {
      const advice = hint === undefined ? "" : `  ${" ".repeat(width)}  → ${hint}\n`;
      return `${mark[level]} ${subject.padEnd(width)}  ${detail}\n${advice}`;
    })
    .join("");
}
