import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The text of a page or a file of vectors under docs, after it was written when UPDATE_DOCS=1 asks for that.
 * @param path - below docs
 * @param expected - what the code says it should be
 */
export function docsText(path: string, expected: string): string {
  const file = fileURLToPath(new URL(`../../../docs/${path}`, import.meta.url));
  if (process.env["UPDATE_DOCS"] === "1") {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, expected);
  }
  return readFileSync(file, "utf8");
}

/** Vectors as they are stored. */
export function vectorText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
