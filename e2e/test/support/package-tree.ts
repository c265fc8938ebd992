import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { type PathFilter, treeFiles } from "@ggen/testkit";

/** What a published folder must look like once it is installed: path → hash, `+x` for files that begin with `#!`. */
export type PackageTree = Readonly<Record<string, string>>;

/** `.git` and `node_modules` anywhere, `.ggen` at the top: never part of a package. */
export const neverPacked: PathFilter = (path) => path !== ".ggen" && !/(?:^|\/)(?:\.git|node_modules)$/.test(path);

/**
 * The tree that installing a package must give, read from its source folder alone.
 * @param folder - the source
 * @param include - what the package's own `.ggenignore` leaves, for a package that has one
 */
export async function expectedTree(folder: string, include: PathFilter = () => true): Promise<PackageTree> {
  const files = await treeFiles(folder, (path) => neverPacked(path) && include(path));
  const pairs = await Promise.all(
    Object.keys(files).map(async (path): Promise<[string, string]> => {
      const content = await readFile(join(folder, path));
      const digest = createHash("sha256").update(content).digest("hex");
      const executable = content.subarray(0, 2).toString("latin1") === "#!";
      return [path, `sha256:${digest}${executable ? "+x" : ""}`];
    }),
  );
  return Object.fromEntries(pairs);
}
