import { lstat, mkdir, readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";

import { abandonedAfterMs, isLeftover, processTag } from "../storage/process-tag.ts";
import { linkedTree, listLinks, removeTree, storePath, treeOf } from "./store-layout.ts";

/** A private folder of one running install, removed when it ends. */
export interface Staging extends AsyncDisposable {
  readonly path: string;
}

const stagingPrefix = ".staging-";

/**
 * Makes a staging folder that nobody else uses or can enter.
 * @param store - the `.store` of a target
 */
export async function createStaging(store: string): Promise<Staging> {
  const path = join(store, `${stagingPrefix}${processTag()}`);
  await mkdir(path, 0o700);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/**
 * Removes what installs that did not end left behind: staging folders whose process is gone, the trees that these name and
 * no link does, and any other tree without a link when it is a day old.
 * @param own - ours, whose time tells what time it is on this file system
 */
export async function removeAbandoned(target: string, own: Staging): Promise<void> {
  const store = storePath(target);
  const now = (await lstat(own.path)).mtimeMs;
  const names = await readdir(store);
  // Read after the names: a tree that was linked meanwhile must not count as one without a link.
  const linked = new Set((await listLinks(target)).map(({ tree }) => tree));
  for (const name of names) {
    const path = join(store, name);
    const stat = path === own.path ? undefined : await lstat(path).catch(() => undefined);
    if (stat === undefined) continue;
    const ageMs = now - stat.mtimeMs;
    const tree = treeOf(name);
    if (tree !== undefined && ageMs > abandonedAfterMs && !linked.has(tree)) {
      await rm(path, { recursive: true, force: true });
    } else if (name.startsWith(stagingPrefix) && isLeftover(name.slice(stagingPrefix.length), ageMs)) {
      await removeStaging(target, path, linked);
    }
  }
}

/** Removes a staging folder, after the trees whose links it holds: one that was to be linked, and one that was until then. */
async function removeStaging(target: string, path: string, linked: ReadonlySet<string>): Promise<void> {
  for (const name of await readdir(path).catch(() => [])) {
    const tree = linkedTree(await readlink(join(path, name)).catch(() => ""));
    if (tree !== undefined && !linked.has(tree)) await removeTree(target, tree);
  }
  await rm(path, { recursive: true, force: true });
}

/** Whether an install that did not end may have left something in a store. @param store - the `.store` of a target */
export async function hasStaging(store: string): Promise<boolean> {
  const names = await readdir(store).catch(() => []);
  return names.some((name) => name.startsWith(stagingPrefix));
}
