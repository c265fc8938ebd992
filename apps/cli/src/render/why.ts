import type { ConflictProof, WhyReport } from "@ggen/p2p-types";

import type { Style } from "./style.ts";

/** The steps of an explanation, each marked by whether it let the package through. */
export function renderWhy(report: WhyReport, style: Style): string {
  const steps = report.steps.map(({ question, answer, ok }) => {
    const mark = ok ? style.green("✓") : style.red("✗");
    return `${mark} ${question}\n  ${answer}\n`;
  });
  return `${style.bold(report.ref)}\n${steps.join("")}${style.bold("→")} ${report.conclusion}\n`;
}

/** What a proof of a conflict shows. */
export function renderProof(proof: Omit<ConflictProof, "records">, style: Style): string {
  const what = proof.kind === "version" ? "two contents for one version" : "two records with one number";
  return `${style.red("✗")} ${proof.publisher} signed ${what}:\n  ${proof.operations.join("\n  ")}\n`;
}
