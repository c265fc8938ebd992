import { treeFiles } from "@ggen/testkit";

/**
 * Says where an installed tree differs from its source, byte for byte.
 *
 * @param source Folder that was published.
 * @param installed Folder that was installed.
 * @param paths Which files of the source were published.
 * @returns One sentence per difference; none when the trees are equal.
 */
export async function compareTrees(source: string, installed: string, paths: readonly string[]): Promise<string[]> {
  // The archive sets modes by its own rule (0755 for what begins with #!), so that only bytes are compared here.
  const bytes = (files: Record<string, string>, path: string): string | undefined => files[path]?.replace(/\+x$/, "");
  const [expected, got] = await Promise.all([treeFiles(source), treeFiles(installed)]);
  return [
    ...paths.filter((path) => bytes(got, path) === undefined).map((path) => `${path} is missing`),
    ...Object.keys(got)
      .filter((path) => !paths.includes(path))
      .map((path) => `${path} was not published`),
    ...paths
      .filter((path) => bytes(got, path) !== undefined && bytes(got, path) !== bytes(expected, path))
      .map((path) => `${path} has other bytes`),
  ];
}
