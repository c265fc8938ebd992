import {
  formatLockfile,
  installArchive,
  type InstalledEntry,
  type InstallRecord,
  listInstalled,
  type Lockfile,
  readLockfile,
  recoverInstalls,
  stageLockfile,
  verifyInstalled,
} from "@ggen/p2p-gpack";
import {
  type CallOptions,
  GgenError,
  type InstalledPackage,
  type InstallParams,
  type InstallResult,
  isGgenError,
  type Package,
} from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { checkLocked } from "./check-lock.ts";
import type { FetchReport } from "./fetch.ts";
import { fetchPackage } from "./fetch-package.ts";
import { type InstallPlan, type Lookup, planInstall } from "./plan.ts";

/**
 * Installs a package with what it depends on. Everything is fetched and validated before the first folder changes; the
 * lockfile counts last.
 * @throws GgenError `package.*`, `dependency.unresolvable`, `archive.invalid`, `content.mismatch`, `lockfile.*`, `storage.*`
 */
export async function installPackage(
  parts: Parts,
  params: InstallParams,
  lookup: Lookup,
  options: CallOptions = {},
): Promise<InstallResult> {
  if (params.dryRun !== true) await recoverInstalls(params.target, params.lockfile);
  const lock = params.lockfile === undefined ? undefined : await readLockfile(params.lockfile);
  const plan = await planInstall(parts, params, lock, lookup);
  if (lock !== undefined) checkLocked(lock, plan.packages);
  const next = lockAfter(lock, plan);
  if (params.frozenLockfile === true) checkFrozen(params, lock, next);
  const present = new Map((await listInstalled(params.target)).map((entry) => [entry.record.id.toLowerCase(), entry]));

  const work: { release: Package; fetched: FetchReport | "unchanged" }[] = [];
  for (const release of plan.packages) {
    const installed = present.get(release.id.toLowerCase());
    const same = installed?.record.checksum === release.checksum && installed.record.publisher === release.publisher;
    if (same && params.force !== true) {
      await refuseModified(params.target, release);
      work.push({ release, fetched: "unchanged" });
    } else if (params.dryRun === true) {
      const local = parts.contents.stat(release.cid)?.complete === true;
      work.push({ release, fetched: { source: local ? "store" : "peers", peers: [], checked: false } });
    } else {
      if (installed !== undefined && params.force !== true) await refuseModified(params.target, release);
      work.push({ release, fetched: await fetchValid(parts, release, options) });
    }
  }

  const changed =
    params.lockfile !== undefined && (lock === undefined || formatLockfile(lock) !== formatLockfile(next));
  // Written before the first folder changes: whoever is killed in between leaves what tells the next command.
  await using ahead =
    params.dryRun !== true && params.lockfile !== undefined && changed
      ? await stageLockfile(params.lockfile, next, params.target)
      : undefined;
  const packages: InstalledPackage[] = [];
  for (const { release, fetched } of work) {
    const done = fetched !== "unchanged" && params.dryRun !== true;
    if (fetched === "unchanged" && params.dryRun !== true) await keep(parts, release);
    const entry = done ? await place(parts, params.target, release, options) : present.get(release.id.toLowerCase());
    packages.push({
      ...describe(release),
      path: entry?.path ?? params.target,
      files: entry?.files.length ?? 0,
      source: fetched === "unchanged" ? "unchanged" : fetched.source,
      peers: fetched === "unchanged" ? [] : fetched.peers,
    });
  }
  await ahead?.commit();
  return { packages, dryRun: params.dryRun === true, warnings: plan.warnings };
}

async function refuseModified(target: string, release: Package): Promise<void> {
  const { modified } = await verifyInstalled(target, release.id);
  if (modified.length === 0) return;
  throw new GgenError("package.modified", `${modified.length} files of ${release.id} differ from what was installed`, {
    got: modified.slice(0, 5).join(", "),
    hint: `Keep your changes elsewhere, then: ggen marketplace install ${release.id} --force`,
    data: { modified },
  });
}

/** Fetches and validates a package before anything is written outside the store. */
async function fetchValid(parts: Parts, release: Package, options: CallOptions): Promise<FetchReport> {
  const wasHere = parts.contents.stat(release.cid)?.complete === true;
  try {
    return await fetchPackage(parts, release, options);
  } catch (error) {
    const isSpoilt = wasHere && isGgenError(error, "content.mismatch");
    if (!isSpoilt || parts.network() === undefined) throw error;
    // Our own copy went bad on the disk and was set aside when it was read: the holders have others.
    parts.logger.log("warn", "a stored content was damaged; it is fetched again", { cid: release.cid });
    return await fetchPackage(parts, release, options);
  }
}

async function place(
  parts: Parts,
  target: string,
  release: Package,
  { signal, onProgress }: CallOptions,
): Promise<InstalledEntry> {
  const unlease = parts.contents.lease(release.cid);
  try {
    onProgress?.({ step: "install", subject: `${release.id}@${release.version}` });
    const entry = await installArchive({
      archive: () => parts.contents.read(release.cid, undefined, signal),
      target,
      validated: true,
      record: {
        ...describe(release),
        installedAt: Math.floor(parts.clock.now() / 1000),
      },
      ...(signal === undefined ? {} : { signal }),
    });
    await keep(parts, release);
    return entry;
  } finally {
    unlease();
  }
}

/** Notes that a release is installed, also when an earlier install was killed before it could. */
async function keep(parts: Parts, release: Package): Promise<void> {
  const held = parts.contents.stat(release.cid);
  if (held?.complete === true && !held.pins.includes("installed")) await parts.contents.pin(release.cid, "installed");
  parts.catalog.pinOwner(release.id, release.publisher);
}

/** What is told and kept of a release that is installed. */
function describe(release: Package): Omit<InstallRecord, "installedAt"> {
  const { id, name, version, publisher, cid, checksum, size } = release;
  return { id, name, version, publisher, cid, checksum, size, dependencies: dependencyIds(release) };
}

function dependencyIds(release: Package): string[] {
  return Object.keys(release.dependencies).map((name) => name.split("/").at(-1) ?? name);
}

function lockAfter(lock: Lockfile | undefined, plan: InstallPlan): Lockfile {
  const entries = new Map((lock?.packages ?? []).map((entry) => [entry.id.toLowerCase(), entry]));
  for (const release of plan.packages) {
    const { id, version, publisher, cid, checksum } = release;
    entries.set(id.toLowerCase(), { id, version, publisher, cid, checksum, dependencies: dependencyIds(release) });
  }
  return { version: 1, packages: [...entries.values()] };
}

function checkFrozen(params: InstallParams, lock: Lockfile | undefined, next: Lockfile): void {
  const before = lock === undefined ? undefined : formatLockfile(lock);
  if (before === formatLockfile(next)) return;
  throw new GgenError("lockfile.frozen", "The lockfile would have to change", {
    expected: `${params.lockfile ?? "ggen.lock"} to hold exactly what is installed`,
    got: lock === undefined ? "no lockfile" : "other packages or versions",
  });
}
