import type { WhyReport } from "@ggen/p2p-types";

import type { Style } from "./style.ts";

/** The steps of an explanation, each marked by whether it let the package through. */
export function renderWhy(report: WhyReport, style: Style): string {
  const steps = report.steps.map(({ question, answer, ok }) => {
    const mark = ok ? style.green("✓") : style.red("✗");
    return `${mark} ${question}\n  ${answer}\n`;
  });
  return `${style.bold(report.ref)}\n${steps.join("")}${style.bold("→")} ${report.conclusion}\n`;
}
