import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The contestant that is ours. */
export const ggenChild: string = join(import.meta.dirname, "ggen-child.ts");

/** Writes a file of random bytes, so that no two fetches share content. @returns its absolute path */
export async function writeRandomFile(folder: string, name: string, bytes: number): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, randomBytes(bytes));
  return path;
}
