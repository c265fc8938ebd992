import { type LockedPackage, type Lockfile } from "@ggen/p2p-gpack";
import { GgenError, type InstallParams, isGgenError, type Package, type PackageRef } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { type Choice, chooseOwner, notFound } from "../resolve/choose-owner.ts";
import { cooldownOf } from "../resolve/cooldown.ts";
import { readRef } from "../resolve/read-ref.ts";
import { conflictsOf } from "../resolve/conflicts.ts";
import { lockedWarnings, selectVersion } from "../resolve/select-version.ts";
import { planDependencies } from "./plan-dependencies.ts";
import { leavesRoom, pinnedRelease } from "./check-lock.ts";

/** What an install will do, decided before anything is fetched or written. */
export interface InstallPlan {
  /** Dependencies first, the requested package last. */
  readonly packages: readonly Package[];
  readonly warnings: readonly string[];
}

/** Brings records of a package from the network when the local catalogue lacks them. */
export type Lookup = (id: string) => Promise<void>;

/**
 * Decides owner and version of a package and of everything it depends on.
 * @param lock - the lockfile as it is; undefined when there is none
 * @throws GgenError `package.*`, `dependency.unresolvable`, `registry.incomplete`, `lockfile.*`
 */
export async function planInstall(
  parts: Pick<Parts, "catalog" | "domains" | "everSynced" | "light" | "synced" | "network" | "config" | "clock">,
  params: InstallParams,
  lock: Lockfile | undefined,
  lookup: Lookup,
): Promise<InstallPlan> {
  if (params.ref === undefined) return planLocked(parts, lock, lookup);
  const ref = readRef(params.ref);
  await lookup(ref.id);
  const choice = await choose(parts, ref, lock, params.publisher);
  const { release, warnings } = select(parts, choice, ref.range, lock);
  if (params.noDependencies === true || Object.keys(release.dependencies).length === 0) {
    return { packages: [release], warnings: [...sayChoice(choice), ...warnings] };
  }
  const notes: string[] = [];
  const { packages, warnings: ages } = await planDependencies({
    release,
    candidates: async (dependency) => {
      if (dependency.id.toLowerCase() === release.id.toLowerCase()) return [release];
      await lookup(dependency.id);
      const owner = await chooseDependency(parts, dependency, lock, release);
      notes.push(...sayChoice(owner));
      return owner.releases.filter((known) => known.yanked === undefined && known.conflicted !== true);
    },
    cooldownOf: (known) => cooldownOf(parts, known.publisher),
    ...(lock === undefined ? {} : { locked: lock.packages }),
  });
  const ordered = [...packages.filter((known) => known.operation !== release.operation), release];
  return {
    packages: ordered,
    warnings: [...new Set([...sayChoice(choice), ...warnings, ...notes, ...ages])],
  };
}

function lockedEntry(lock: Lockfile | undefined, id: string): LockedPackage | undefined {
  return lock?.packages.find((entry) => entry.id.toLowerCase() === id.toLowerCase());
}

function choose(
  parts: Pick<Parts, "catalog" | "domains" | "everSynced" | "light" | "synced" | "network">,
  ref: PackageRef,
  lock: Lockfile | undefined,
  publisher?: string,
): Promise<Choice> {
  const locked = lockedEntry(lock, ref.id)?.publisher;
  return chooseOwner(parts, ref, {
    ...(publisher === undefined ? {} : { publisher }),
    ...(locked === undefined ? {} : { locked }),
  });
}

/** A dependency's id is looked up like any other; when it is disputed, the dependent's own publisher is preferred. */
async function chooseDependency(
  parts: Pick<Parts, "catalog" | "domains" | "everSynced" | "light" | "synced" | "network">,
  ref: PackageRef,
  lock: Lockfile | undefined,
  dependent: Package,
): Promise<Choice> {
  try {
    return await choose(parts, ref, lock);
  } catch (error) {
    const own = parts.catalog.entry(ref.id)?.claimants.some(({ publisher }) => publisher === dependent.publisher);
    if (own === true && isGgenError(error, "package.ambiguous")) {
      return await chooseOwner(parts, { ...ref, publisher: dependent.publisher });
    }
    if (isGgenError(error, "package.not-found")) {
      throw new GgenError(
        "dependency.unresolvable",
        `${dependent.id}@${dependent.version} depends on ${ref.id}, which nobody has released`,
        {
          hint: `Install it without: ggen marketplace install ${dependent.id} --no-dependencies`,
          cause: error,
        },
      );
    }
    throw error;
  }
}

function select(
  parts: Pick<Parts, "catalog" | "config" | "clock">,
  choice: Choice,
  range: string | undefined,
  lock: Lockfile | undefined,
): { release: Package; warnings: readonly string[] } {
  const locked = lockedEntry(lock, choice.id);
  // What is pinned is taken as it is or not at all: neither another version nor other content in its place.
  if (locked?.publisher === choice.publisher && leavesRoom(locked, range)) pinnedRelease(choice.releases, locked);
  return selectVersion(choice.releases, {
    ...(range === undefined ? {} : { range }),
    ...(locked === undefined ? {} : { locked }),
    ...cooldownOf(parts, choice.publisher),
    conflictOf: conflictsOf(parts, choice.publisher),
  });
}

function sayChoice(choice: Choice): string[] {
  return choice.claimants.length > 1 ? [`${choice.id}: ${choice.because}`] : [];
}

async function planLocked(
  parts: Pick<Parts, "catalog" | "everSynced" | "light" | "synced" | "network">,
  lock: Lockfile | undefined,
  lookup: Lookup,
): Promise<InstallPlan> {
  if (lock === undefined) {
    throw new GgenError("lockfile.invalid", "There is no ggen.lock to install from", {
      expected: "a ggen.lock, or a package to install",
    });
  }
  for (const { id } of lock.packages) await lookup(id);
  const warnings: string[] = [];
  const packages = lock.packages.map((entry) => {
    const owner = parts.catalog.entry(entry.id)?.claimants.find(({ publisher }) => publisher === entry.publisher);
    if (owner === undefined) throw notFound(parts, entry.id, `${entry.publisher}/${entry.id}@${entry.version}`);
    const known = pinnedRelease(owner.releases, entry);
    warnings.push(...lockedWarnings(known));
    return known;
  });
  return { packages, warnings };
}
