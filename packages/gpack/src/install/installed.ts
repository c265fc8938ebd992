import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, rename } from "node:fs/promises";
import { join } from "node:path";

import { GgenError } from "@ggen/p2p-types";

import type { ExtractedFile } from "../archive/extract-archive.ts";
import { readBounded } from "../storage/bounded-read.ts";
import { syncDirectory } from "../storage/durable.ts";
import { checkAborted, storageError, systemCode } from "../storage/fs-errors.ts";
import { type InstallRecord, maxRecordBytes, parseStoredRecord } from "./install-record.ts";
import { createStaging } from "./staging.ts";
import { findLink, linkTarget, listLinks, type PackageLink, removeTree, storePath } from "./store-layout.ts";

/** Records that are read at once. */
const maxReads = 16;

/** An installed package. */
export interface InstalledEntry {
  readonly record: InstallRecord;
  /** Absolute path of `<target>/<ID>`, which stays the same when the version changes. */
  readonly path: string;
  /** Absolute path of this very version's folder. */
  readonly directory: string;
  /** Its files as they were installed. */
  readonly files: readonly ExtractedFile[];
}

/**
 * What is installed in a target, sorted by id; nothing when there is no target.
 * @param options - `onDamaged`: told of each package whose record cannot be read, which is then left out
 * @throws GgenError `storage.failed`
 */
export async function listInstalled(
  target: string,
  options: { readonly onDamaged?: (id: string, error: GgenError) => void } = {},
): Promise<readonly InstalledEntry[]> {
  const read = async (link: PackageLink): Promise<InstalledEntry | undefined> => {
    try {
      return await readEntry(target, link);
    } catch (error) {
      options.onDamaged?.(link.name, storageError(error, `${link.path} could not be read`, "storage.corrupt"));
      return undefined;
    }
  };
  const links = await listLinks(target);
  const entries: (InstalledEntry | undefined)[] = [];
  for (let at = 0; at < links.length; at += maxReads) {
    entries.push(...(await Promise.all(links.slice(at, at + maxReads).map((link) => read(link)))));
  }
  return entries.filter((entry) => entry !== undefined);
}

/**
 * Compares an installed package with what was installed.
 * @returns the paths that were changed, added or removed, sorted
 * @throws GgenError `package.not-installed`, `storage.corrupt`, `storage.failed`, `aborted`
 */
export async function verifyInstalled(
  target: string,
  id: string,
  options: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly modified: readonly string[] }> {
  const entry = await readEntry(target, await requireLink(target, id));
  const expected = new Map(entry.files.map((file) => [file.path, file]));
  const modified = new Set<string>();
  for (const path of await listTree(entry.directory)) {
    checkAborted(options.signal);
    const file = expected.get(path);
    expected.delete(path);
    if (file === undefined || !(await isUnchanged(join(entry.directory, path), file))) modified.add(path);
  }
  return { modified: [...modified, ...expected.keys()].sort() };
}

/**
 * Removes an installed package: its link in one step, then its files.
 * @throws GgenError `package.not-installed`, `storage.failed`
 */
export async function removeInstalled(target: string, id: string): Promise<void> {
  const link = await requireLink(target, id);
  try {
    await using staging = await createStaging(storePath(target));
    await rename(link.path, join(staging.path, "link"));
    await syncDirectory(target);
    await removeTree(target, link.tree);
  } catch (error) {
    throw storageError(error, `${link.path} could not be removed`);
  }
}

async function requireLink(target: string, id: string): Promise<PackageLink> {
  const link = await findLink(target, id);
  if (link !== undefined) return link;
  throw new GgenError("package.not-installed", `${id} is not installed in ${target}`, {
    expected: "an installed package",
    got: id,
  });
}

async function readEntry(target: string, link: PackageLink): Promise<InstalledEntry> {
  const directory = join(target, linkTarget(link.tree));
  const recordPath = `${directory}.json`;
  const read = await readBounded(recordPath, maxRecordBytes).catch((error: unknown) => {
    throw storageError(error, `The record of ${link.name} cannot be read: ${recordPath}`, "storage.corrupt");
  });
  if (read.kind !== "bytes")
    throw new GgenError("storage.corrupt", `${recordPath} is not a record`, { got: read.kind });
  const { record, files } = parseStoredRecord(new TextDecoder().decode(read.bytes), recordPath);
  return { record, path: link.path, directory, files };
}

/** Every path of a tree that is not a folder. */
async function listTree(root: string): Promise<readonly string[]> {
  const paths: string[] = [];
  const pending = [""];
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    const children = await readdir(join(root, directory), { withFileTypes: true }).catch((error: unknown) => {
      if (systemCode(error) === "ENOENT") return [];
      throw storageError(error, `${join(root, directory)} could not be read`);
    });
    for (const child of children) {
      const path = directory === "" ? child.name : `${directory}/${child.name}`;
      if (child.isDirectory()) pending.push(path);
      else paths.push(path);
    }
  }
  return paths;
}

async function isUnchanged(path: string, file: ExtractedFile): Promise<boolean> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined || !stat.isFile() || stat.size !== file.size) return false;
  if (process.platform !== "win32" && ((stat.mode & 0o100) !== 0) !== file.executable) return false;
  const hash = createHash("sha256");
  try {
    for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  } catch (error) {
    throw storageError(error, `${path} could not be read`);
  }
  return hash.digest("hex") === file.sha256;
}
