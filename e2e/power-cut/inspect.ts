import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { treeFiles } from "@ggen/testkit";
import type { NodeApi } from "@ggen/p2p-types";

import type { Ledger } from "./ledger.ts";
import { nameOf } from "./releases.ts";
import type { InstallPlace } from "./workload.ts";

/** The versions that a lockfile names, by id. */
function lockedVersions(path: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    if (!isMissing(error)) throw error;
    return new Map();
  }
  const entries = text.split(/^\[\[package\]\]$/m).slice(1);
  return new Map(
    entries.map((entry) => [/^id = "(.*)"$/m.exec(entry)?.[1] ?? "", /^version = "(.*)"$/m.exec(entry)?.[1] ?? ""]),
  );
}

function linksOf(target: string): string[] {
  try {
    return readdirSync(target).filter((name) => name !== ".store");
  } catch (error) {
    if (!isMissing(error)) throw error;
    return [];
  }
}

/** Whether something is not there; anything else that keeps it from being read is to be told as what it is. */
function isMissing(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ENOENT";
}

/**
 * Everything acknowledged that is not there any more, and everything that is there but not whole.
 * @param node - opened the home after the power came back, and hears from nobody: what it knows and has was on its disk
 * @returns one line each; empty when nothing was lost
 */
export async function findLosses(node: NodeApi, ledger: Ledger, place: InstallPlace): Promise<string[]> {
  return [
    ...(await lostReleases(node, ledger, place)),
    ...(await damage(node)),
    ...(await lostInstalls(ledger, place)),
    ...(await lostContents(node, ledger, place)),
  ];
}

async function damage(node: NodeApi): Promise<string[]> {
  const { damaged, damagedRecords = [] } = await node.cacheVerify();
  return [
    ...damaged.map((digest) => `the stored chunk ${digest} is damaged`),
    ...damagedRecords.map((id) => `the record ${id} is damaged`),
  ];
}

async function lostReleases(node: NodeApi, ledger: Ledger, place: InstallPlace): Promise<string[]> {
  const losses: string[] = [];
  for (const [name, { id, version, checksum }] of ledger.releases) {
    try {
      const { packages } = await node.install({
        ref: `${id}@${version}`,
        target: join(place.target, "none"),
        dryRun: true,
      });
      const [found] = packages;
      if (found?.version !== version || (checksum !== undefined && found.checksum !== checksum))
        losses.push(`${name} is ${found?.version} ${found?.checksum}, was acknowledged with ${checksum}`);
      // Also one that was not acknowledged: a release must never name what is not stored.
      if (found?.source !== "store") losses.push(`${name} has no content`);
    } catch (error) {
      if (checksum !== undefined) losses.push(`${name} was acknowledged: ${String(error)}`);
    }
  }
  return losses;
}

/**
 * Installs that are not there, or not whole.
 * @returns one line each
 */
export async function lostInstalls(ledger: Ledger, { target, lockfile }: InstallPlace): Promise<string[]> {
  const losses: string[] = [];
  const locked = lockedVersions(lockfile);
  const links = linksOf(target);
  const known = new Map([...ledger.releases.values(), ...ledger.offered].map((release) => [nameOf(release), release]));
  for (const id of links) {
    const version = linkedVersion(target, id);
    const expected = known.get(`${id}@${version}`)?.files;
    const found = await treeFiles(realpathSync(join(target, id))).catch((error: unknown) => ({ error: String(error) }));
    if (JSON.stringify(digests(found)) !== JSON.stringify(digests(expected ?? {})))
      losses.push(`the install of ${id} is not ${version}: ${JSON.stringify(found)}`);
  }
  for (const [id, { asked, acknowledged }] of ledger.installs) {
    if (acknowledged === 0) continue;
    // The one that was acknowledged last, or one that was asked for after it.
    const allowed = asked.slice(acknowledged - 1);
    const tree = links.includes(id) ? readlinkSync(join(target, id)) : "nothing";
    if (!allowed.some((version) => tree.includes(`${id}@${version}-`)))
      losses.push(`${id}@${allowed[0]} was installed, ${tree} is`);
    if (!allowed.includes(locked.get(id) ?? "")) losses.push(`${id}@${allowed[0]} was locked, ${locked.get(id)} is`);
  }
  return losses;
}

/** The version that the link of an installed package names; empty when it is none. */
function linkedVersion(target: string, id: string): string {
  const tree = readlinkSync(join(target, id));
  return /@(\d+\.\d+\.\d+)-[0-9a-f]{12}\.[0-9a-f]{8}$/.exec(tree)?.[1] ?? "";
}

/** What was fetched and is installed is in the store too: nobody who installs it again has to fetch it. */
async function lostContents(node: NodeApi, ledger: Ledger, { target }: InstallPlace): Promise<string[]> {
  const losses: string[] = [];
  const offered = new Set(ledger.offered.map(({ id }) => id));
  for (const id of linksOf(target).filter((name) => offered.has(name))) {
    const version = linkedVersion(target, id);
    const { asked, acknowledged } = ledger.installs.get(id) ?? { asked: [], acknowledged: 0 };
    try {
      const { packages } = await node.install({
        ref: `${ledger.publisher}/${id}@${version}`,
        target: join(target, "none"),
        dryRun: true,
      });
      if (packages[0]?.source !== "store") losses.push(`${id}@${version} was fetched and installed, and is not stored`);
    } catch (error) {
      // Of an install that was not acknowledged the record may be gone.
      if (asked[acknowledged - 1] === version) losses.push(`${id}@${version} was fetched: ${String(error)}`);
    }
  }
  return losses;
}

function digests(files: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
}
