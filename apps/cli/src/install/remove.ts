import { listInstalled, readLockfile, recoverInstalls, removeInstalled, stageLockfile } from "@ggen/p2p-gpack";
import { GgenError, normalizePackageId } from "@ggen/p2p-types";

import type { InstallPlace } from "./target.ts";
import { selectInstalled } from "./upgrades.ts";

/** What `remove` did, or would do. */
export interface Removed {
  readonly id: string;
  readonly version: string;
  readonly path: string;
  /** Installed packages that name it as a dependency. */
  readonly neededBy: readonly string[];
  readonly dryRun: boolean;
}

/**
 * Removes an installed package and its entry in the lockfile.
 * @param place - where it is installed
 * @param ref - `[PUBLISHER/]ID[@RANGE]`
 * @param dryRun - changes nothing
 * @throws GgenError `ref.invalid`, `package.not-installed`, `lockfile.invalid`, `storage.full`, `storage.failed`
 */
export async function removePackage(place: InstallPlace, ref: string, dryRun: boolean): Promise<Removed> {
  if (!dryRun) await recoverInstalls(place.target, place.lockfile);
  const installed = await listInstalled(place.target);
  const [entry] = selectInstalled(installed, ref);
  if (entry === undefined)
    throw new GgenError("package.not-installed", `${ref} is not installed here`, {
      expected: "a package that ggen marketplace list shows",
      got: "nothing of this id",
    });
  const key = normalizePackageId(entry.record.id);
  const neededBy = installed
    .filter(({ record }) => record.dependencies.some((id) => normalizePackageId(id) === key))
    .map(({ record }) => record.id);
  // Read before anything is removed: a lockfile that cannot be kept true must stop the command.
  const lock = place.lockfile === undefined ? undefined : await readLockfile(place.lockfile);
  if (!dryRun) {
    const rest = lock?.packages.filter(({ id }) => normalizePackageId(id) !== key) ?? [];
    await using ahead =
      lock !== undefined && place.lockfile !== undefined && rest.length < lock.packages.length
        ? await stageLockfile(place.lockfile, { ...lock, packages: rest }, place.target)
        : undefined;
    await removeInstalled(place.target, entry.record.id);
    await ahead?.commit();
  }
  return { id: entry.record.id, version: entry.record.version, path: entry.path, neededBy, dryRun };
}
