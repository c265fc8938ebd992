import { lstat, readdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { isGgenError } from "@ggen/p2p-types";

import { listInstalled } from "../install/installed.ts";
import { stageFile } from "../storage/durable.ts";
import { storageError, systemCode } from "../storage/fs-errors.ts";
import { isLeftover } from "../storage/process-tag.ts";
import { formatLockfile, type LockedPackage, type Lockfile } from "./lockfile.ts";
import { readLockfile } from "./lockfile-io.ts";

/** A lockfile that is written and durable, and not yet the one that counts. */
export interface StagedLockfile extends AsyncDisposable {
  /** Makes it the one that counts, in one step. @throws GgenError `storage.full`, `storage.failed` */
  commit(): Promise<void>;
}

/**
 * Writes the lockfile that will be right once a target is changed, before it is: whoever is killed in between leaves it for
 * {@link settleLockfiles}. Disposed of without a commit, it counts for as much as was changed.
 * @param path - absolute, in a folder that exists
 * @param target - absolute path of the folder that is going to be changed
 * @throws GgenError `lockfile.invalid`, `storage.full`, `storage.failed`
 */
export async function stageLockfile(path: string, lock: Lockfile, target: string): Promise<StagedLockfile> {
  const file = await stageFile(path, formatLockfile(lock));
  let committed = false;
  return {
    async commit() {
      await file.commit();
      committed = true;
    },
    async [Symbol.asyncDispose]() {
      if (committed) return;
      try {
        await settle(path, target, [lock]);
      } finally {
        await file[Symbol.asyncDispose]();
      }
    },
  };
}

/**
 * The lockfiles that were written ahead of a change, by whomever.
 * @param path - absolute path of the lockfile
 * @returns absolute paths
 * @throws GgenError `storage.failed`
 */
export async function stagedLockfiles(path: string): Promise<readonly string[]> {
  const folder = dirname(path);
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return [];
    throw storageError(error, `${folder} could not be read`);
  });
  return names.filter((name) => tagOf(path, name) !== undefined).map((name) => join(folder, name));
}

function tagOf(path: string, name: string): string | undefined {
  const prefix = `${basename(path)}.`;
  return name.startsWith(prefix) && name.endsWith(".tmp") ? name.slice(prefix.length, -".tmp".length) : undefined;
}

/**
 * Brings a lockfile in line with what is installed after a process died between the two, from the lockfiles that such
 * processes wrote ahead, and removes these. One that is older than the lockfile counts for nothing.
 * @param path - absolute path of the lockfile
 * @param target - absolute path of the folder that holds the packages
 * @param now - milliseconds since 1970 by the clock of the file system
 * @throws GgenError `lockfile.invalid`, `storage.full`, `storage.failed`
 */
export async function settleLockfiles(path: string, target: string, now: number): Promise<void> {
  const left: string[] = [];
  const ahead: Lockfile[] = [];
  const changedAt = (await lstat(path).catch(() => undefined))?.mtimeMs ?? 0;
  for (const file of await stagedLockfiles(path)) {
    const stat = await lstat(file).catch(() => undefined);
    if (stat === undefined || !isLeftover(tagOf(path, basename(file)) ?? "", now - stat.mtimeMs)) continue;
    left.push(file);
    const lock = stat.mtimeMs < changedAt ? undefined : await readUnfinished(file);
    if (lock !== undefined) ahead.push(lock);
  }
  if (ahead.length > 0) await settle(path, target, ahead);
  for (const file of left) await rm(file, { force: true });
}

/** A lockfile that was written ahead; undefined when it was cut off, for then nothing was changed yet. */
async function readUnfinished(path: string): Promise<Lockfile | undefined> {
  try {
    return await readLockfile(path);
  } catch (error) {
    if (isGgenError(error, "lockfile.invalid")) return undefined;
    throw error;
  }
}

/** Takes over what was written ahead of changes that happened: what is installed now, and what is not any more. */
async function settle(path: string, target: string, ahead: readonly Lockfile[]): Promise<void> {
  const installed = new Map((await listInstalled(target)).map(({ record }) => [record.id.toLowerCase(), record]));
  const before = (await readLockfile(path)) ?? { version: 1, packages: [] };
  const entries = new Map(before.packages.map((entry) => [entry.id.toLowerCase(), entry]));
  const isInstalled = ({ id, checksum, publisher }: LockedPackage): boolean => {
    const record = installed.get(id.toLowerCase());
    return record?.checksum === checksum && record.publisher === publisher;
  };
  for (const { packages } of ahead) {
    const kept = new Set(packages.map(({ id }) => id.toLowerCase()));
    for (const id of entries.keys()) if (!kept.has(id) && !installed.has(id)) entries.delete(id);
    for (const entry of packages) if (isInstalled(entry)) entries.set(entry.id.toLowerCase(), entry);
  }
  const text = formatLockfile({ version: 1, packages: [...entries.values()] });
  if (text === formatLockfile(before)) return;
  await using file = await stageFile(path, text);
  await file.commit();
}
