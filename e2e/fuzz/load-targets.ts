import { globSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { FuzzTarget } from "./target.ts";

/** The files under a workspace that list targets, in a fixed order. */
export function targetFiles(root: string): readonly string[] {
  return globSync("{apps,packages}/*/test/fuzz/targets.ts", { cwd: root })
    .sort()
    .map((file) => join(root, file));
}

/**
 * The targets of a file, by name.
 * @throws Error when it lists none
 */
export async function loadTargets(file: string): Promise<ReadonlyMap<string, FuzzTarget>> {
  const { targets } = (await import(pathToFileURL(file).href)) as { targets?: Readonly<Record<string, FuzzTarget>> };
  if (targets === undefined) throw new Error(`${file} exports no targets`);
  return new Map(Object.entries(targets));
}
