import { createHash } from "node:crypto";
import { lstat, rename, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";

import { GgenError, normalizePackageId, type Progress } from "@ggen/p2p-types";

import { extractArchive } from "../archive/extract-archive.ts";
import { validateArchive } from "../archive/validate-archive.ts";
import { syncDirectory, writeNewFile } from "../storage/durable.ts";
import { checkAborted, storageError, systemCode } from "../storage/fs-errors.ts";
import { uniqueSuffix } from "../storage/process-tag.ts";
import { formatStoredRecord, type InstallRecord } from "./install-record.ts";
import type { InstalledEntry } from "./installed.ts";
import { createStaging, removeAbandoned, type Staging } from "./staging.ts";
import { createStore, findLink, linkTarget, type PackageLink, removeTree, treeName } from "./store-layout.ts";

/** What is installed, and where. */
export interface InstallArchiveOptions {
  /** Opens the archive; called twice, once to check it and once to write it; once when it is `validated`. */
  readonly archive: () => AsyncIterable<Uint8Array>;
  /** Absolute path of the folder that gets the package; made when it is not there. */
  readonly target: string;
  readonly record: InstallRecord;
  /**
   * The caller has walked these very bytes with `validateArchive`, and takes them from a content store that checks each
   * chunk as it is read against a CID whose size and sha256 it has proven to be the record's: the first pass is left out,
   * and so is hashing the whole once more in the second.
   */
  readonly validated?: boolean;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/**
 * Installs a package: `<target>/<ID>` becomes a link to a new folder `<target>/.store/<id>@<version>-<12 digits>.<8 digits>`
 * that holds exactly the files of the archive. At every instant the link names the old version or the new one, complete.
 * Whether the old one was changed by its user is for the caller to ask first ({@link verifyInstalled}): it is removed.
 * @throws GgenError `archive.invalid`, `content.mismatch` when size or checksum are not the record's, `package.modified`
 * when something that is not ours is at `<target>/<ID>`, `storage.full`, `storage.failed`, `aborted`
 */
export async function installArchive(options: InstallArchiveOptions): Promise<InstalledEntry> {
  const { target, record, signal } = options;
  normalizePackageId(record.id);
  checkAborted(signal);
  const previous = await ownLink(target, record.id, join(target, record.id));
  if (options.validated !== true) {
    await validateArchive(verified(options, "verify"), { size: record.size, ...(signal && { signal }) });
  }
  const store = await createStore(target);
  try {
    await using staging = await createStaging(store);
    await removeAbandoned(target, staging);
    const staged = join(staging.path, "tree");
    const files = await extractArchive(verified(options, "write"), staged, { ...(signal && { signal }) });
    checkAborted(signal);
    const tree = treeName(record, uniqueSuffix());
    const recordFile = join(staging.path, "record");
    await writeNewFile(recordFile, formatStoredRecord({ record, files }));
    const path = join(target, previous?.name ?? record.id);
    // Made first: should we be killed, it tells the next install whose tree this is.
    const fresh = join(staging.path, "link");
    await symlink(linkTarget(tree), fresh, "dir");
    let old: PackageLink | undefined;
    try {
      await rename(recordFile, join(store, `${tree}.json`));
      await rename(staged, join(store, tree));
      // Both names are durable before a link can name them.
      await syncDirectory(store);
      old = await swapLink(staging, fresh, path, record.id);
    } catch (error) {
      await rm(join(store, `${tree}.json`), { force: true });
      await rm(join(store, tree), { recursive: true, force: true });
      throw error;
    }
    await syncDirectory(target);
    // Only now: until the new link is durable, a power cut may bring back the old one. And what cannot be removed is no
    // reason to fail: a later install does it.
    if (old !== undefined) await removeTree(target, old.tree).catch(() => {});
    return { record, path, directory: join(store, tree), files };
  } catch (error) {
    throw storageError(error, `${record.id} could not be installed in ${target}`);
  }
}

/**
 * The bytes of the archive, counted and, unless that was done, hashed against the record.
 * @yields the pieces as they come; what is wrong with the whole is thrown after the last one
 */
async function* verified(
  { archive, record, validated, onProgress }: InstallArchiveOptions,
  step: "verify" | "write",
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = validated === true ? undefined : createHash("sha256");
  let done = 0;
  for await (const piece of archive()) {
    hash?.update(piece);
    done += piece.byteLength;
    onProgress?.({ step, subject: `${record.id}@${record.version}`, done, total: record.size, unit: "bytes" });
    yield piece;
  }
  const checksum = hash === undefined ? record.checksum : `sha256:${hash.digest("hex")}`;
  if (done === record.size && checksum === record.checksum) return;
  throw new GgenError(
    "content.mismatch",
    `The archive of ${record.id}@${record.version} is not the one that was signed`,
    {
      expected: `${record.size} bytes with ${record.checksum}`,
      got: `${done} bytes with ${checksum}`,
    },
  );
}

/** The link of a package, undefined where nothing is at its path; what is there and is not ours is refused. */
async function ownLink(target: string, id: string, path: string): Promise<PackageLink | undefined> {
  const link = await findLink(target, id);
  if (link !== undefined) return link;
  try {
    await refuseForeign(path, id);
    return undefined;
  } catch (error) {
    // Another process may have put its link there between the two looks.
    const since = await findLink(target, id);
    if (since === undefined) throw error;
    return since;
  }
}

async function refuseForeign(path: string, id: string): Promise<void> {
  const stat = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return undefined;
    throw storageError(error, `${path} could not be read`);
  });
  if (stat === undefined) return;
  const kind = stat.isDirectory() ? "a folder" : stat.isSymbolicLink() ? "another link" : "a file";
  throw new GgenError("package.modified", `${path} was not made by ggen`, {
    expected: "nothing, or a link that ggen made",
    got: kind,
    hint: `Move ${path} away, then install ${id} again. Nothing was changed.`,
  });
}

/** Puts the new link in the old one's place by one rename. @returns the old one, whose tree is not needed any more */
async function swapLink(staging: Staging, fresh: string, path: string, id: string): Promise<PackageLink | undefined> {
  const target = dirname(path);
  // Looked up again at the last moment: another process may have installed this package since.
  const old = await ownLink(target, id, path);
  if (old !== undefined) await symlink(linkTarget(old.tree), join(staging.path, "old"), "dir");
  await rename(fresh, path);
  return old;
}
