import type { GgenError } from "@ggen/p2p-types";

import { plainLines } from "./plain.ts";
import type { Style } from "./style.ts";

/**
 * An error for people: what happened, what was expected and got, the code, and on a line of its own what to do.
 * @param error - its texts may come from strangers
 * @param style - colours or none
 */
export function renderError(error: GgenError, style: Style): string {
  const facts = [
    ...(error.expected === undefined ? [] : [`expected ${error.expected}`]),
    ...(error.got === undefined ? [] : [`got ${error.got}`]),
  ];
  const detail = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  const head = `${style.red("Error:")} ${plainLines(error.message + detail)} ${style.dim(`[${error.code}]`)}`;
  return `${head}\n  → ${plainLines(error.hint).replaceAll("\n", "\n    ")}\n`;
}
