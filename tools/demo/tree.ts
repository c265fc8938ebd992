import { readdir, readFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Every file below a folder, as a path with `/`, in order. Links count as files, so that they cannot hide. */
export async function listTree(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)).replaceAll(sep, "/"))
    .toSorted();
}

/**
 * Says where an installed tree differs from its source, byte for byte.
 *
 * @param paths What was published of the source.
 * @returns One sentence per difference; none when the trees are equal.
 */
export async function compareTrees(source: string, installed: string, paths: readonly string[]): Promise<string[]> {
  const expected = paths.toSorted();
  const got = await listTree(installed);
  const differences = [
    ...expected.filter((path) => !got.includes(path)).map((path) => `${path} is missing`),
    ...got.filter((path) => !expected.includes(path)).map((path) => `${path} was not published`),
  ];
  for (const path of expected.filter((each) => got.includes(each))) {
    const [left, right] = await Promise.all([readFile(join(source, path)), readFile(join(installed, path))]);
    if (!left.equals(right)) differences.push(`${path} has other bytes`);
  }
  return differences;
}
