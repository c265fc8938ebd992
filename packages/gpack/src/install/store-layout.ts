import { lstat, readdir, readlink, rm } from "node:fs/promises";
import { join } from "node:path";

import { GgenError, normalizePackageId } from "@ggen/p2p-types";

import { comparePaths } from "../archive/path-rules.ts";
import { makeFolders } from "../storage/durable.ts";
import { storageError, systemCode } from "../storage/fs-errors.ts";
import type { InstallRecord } from "./install-record.ts";

const storeName = ".store";
const treePattern = /^[A-Za-z0-9._-]{1,100}@[0-9A-Za-z.-]{1,100}-[0-9a-f]{12}\.[0-9a-f]{8}$/;

/** A link of a target that names one of our trees. */
export interface PackageLink {
  /** The link's name, the id as it was first installed. */
  readonly name: string;
  /** Absolute path of the link. */
  readonly path: string;
  /** Name of the tree in the store. */
  readonly tree: string;
}

/** The tree that a name in the store belongs to, as its folder or its record; undefined for other names. */
export function treeOf(name: string): string | undefined {
  const tree = name.endsWith(".json") ? name.slice(0, -".json".length) : name;
  return treePattern.test(tree) ? tree : undefined;
}

/** The store of a target, absolute. */
export function storePath(target: string): string {
  return join(target, storeName);
}

/** Name of a new tree. It ends in bytes of its own, so that a name never means two trees, one after the other. */
export function treeName(record: InstallRecord, suffix: string): string {
  return `${record.id}@${record.version}-${record.checksum.slice(7, 19)}.${suffix}`;
}

/** What the link of a package holds. */
export function linkTarget(tree: string): string {
  return `${storeName}/${tree}`;
}

/** The tree that a link's text names; undefined for any other text. */
export function linkedTree(text: string): string | undefined {
  const tree = text.startsWith(`${storeName}/`) ? text.slice(storeName.length + 1) : "";
  return treePattern.test(tree) ? tree : undefined;
}

/**
 * Makes the target and its store, durably.
 * @throws GgenError `storage.failed` when something else is in their place, `storage.full`
 */
export async function createStore(target: string): Promise<string> {
  const store = storePath(target);
  try {
    await makeFolders(store);
  } catch (error) {
    throw storageError(error, `${store} could not be created`);
  }
  if (!(await lstat(store)).isDirectory()) {
    throw new GgenError("storage.failed", `${store} is not a folder`, { expected: "a folder", got: "something else" });
  }
  return store;
}

/** Every link of ours in a target, in the order of their names; none when there is no target. */
export async function listLinks(target: string): Promise<readonly PackageLink[]> {
  const names = await readdir(target).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw storageError(error, `${target} could not be read`);
  });
  const links = await Promise.all(names.sort(comparePaths).map((name) => readPackageLink(target, name)));
  return links.filter((link) => link !== undefined);
}

/** The link of a package; letters of the id are compared without case. */
export async function findLink(target: string, id: string): Promise<PackageLink | undefined> {
  const key = normalizePackageId(id);
  return (await listLinks(target)).find(({ name }) => name.toLowerCase() === key);
}

async function readPackageLink(target: string, name: string): Promise<PackageLink | undefined> {
  const path = join(target, name);
  // Whatever is not a link (EINVAL) or went away meanwhile is not ours.
  const to = await readlink(path).catch(() => undefined);
  const tree = linkedTree(to ?? "");
  return tree === undefined ? undefined : { name, path, tree };
}

/** Removes a tree that no link names any more, and its record. Names are never used again, so nobody else's can be meant. */
export async function removeTree(target: string, tree: string): Promise<void> {
  const path = join(target, linkTarget(tree));
  await rm(`${path}.json`, { force: true });
  await rm(path, { recursive: true, force: true });
}
