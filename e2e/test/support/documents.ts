import { readFileSync } from "node:fs";
import { join } from "node:path";

const text = readFileSync(join(import.meta.dirname, "../../fixtures/documents.md"), "utf8");

/** A chapter of the documents. */
export type Chapter = "Common Commands" | "HTTP API" | "Common Workflows";

/** What stands below a heading, up to the next one of its level. */
function below(within: string, heading: string): string {
  const [mark = ""] = heading.split(" ");
  const found = within.split(new RegExp(`^${mark} `, "m")).find((part) => `${mark} ${part}`.startsWith(`${heading}\n`));
  if (found === undefined) throw new Error(`The documents have no "${heading}"`);
  return found;
}

/** The shell lines below a heading of a chapter. */
export function block(chapter: Chapter, heading: string): string {
  const lines = /```bash\n(.*?)```/s.exec(below(below(text, `## ${chapter}`), `### ${heading}`))?.[1];
  if (lines === undefined) throw new Error(`The documents have no lines below "${heading}"`);
  return lines;
}

/** The same, command by command: what stands between comments and empty lines, continued lines together. */
export function commands(chapter: Chapter, heading: string): readonly string[] {
  return block(chapter, heading)
    .split(/\n\n|^#.*$/m)
    .map((command) => command.trim())
    .filter((command) => command !== "");
}
