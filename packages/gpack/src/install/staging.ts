import { lstat, mkdir, readdir, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";

import { uniqueSuffix } from "../storage/durable.ts";
import { listLinks, storePath, treeOf } from "./store-layout.ts";

/** A private folder of one running install, removed when it ends. */
export interface Staging extends AsyncDisposable {
  readonly path: string;
}

const stagingPattern = /^\.staging-([a-z0-9_-]{1,64})-(\d{1,10})-[0-9a-f]{8}$/;
/** After this long an install is taken for dead, even when its process cannot be asked. */
const abandonedAfterMs = 24 * 3_600_000;

/** This machine's name as a part of a file name: a target may be shared with others, whose process ids mean nothing here. */
function hostTag(): string {
  return (
    hostname()
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, "_")
      .slice(0, 64) || "unknown"
  );
}

/**
 * Makes a staging folder that nobody else uses or can enter.
 * @param store - the `.store` of a target
 */
export async function createStaging(store: string): Promise<Staging> {
  const path = join(store, `.staging-${hostTag()}-${process.pid}-${uniqueSuffix()}`);
  await mkdir(path, 0o700);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

/**
 * Removes what installs that did not end left behind: staging folders whose process is gone, and trees that no link
 * names. What cannot be told goes when it is a day old.
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
    if (stat !== undefined && isAbandoned(name, now - stat.mtimeMs, linked))
      await rm(path, { recursive: true, force: true });
  }
}

function isAbandoned(name: string, ageMs: number, linked: ReadonlySet<string>): boolean {
  const tree = treeOf(name);
  if (tree !== undefined) return ageMs > abandonedAfterMs && !linked.has(tree);
  const [, host, pid] = stagingPattern.exec(name) ?? [];
  if (host === undefined) return false;
  return ageMs > abandonedAfterMs || (host === hostTag() && !mayBeRunning(Number(pid), ageMs));
}

function mayBeRunning(pid: number, ageMs: number): boolean {
  // Our own process id was another's when the folder is older than we are: containers hand out the same ids again.
  if (pid === process.pid) return ageMs < process.uptime() * 1000 + 1000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
