import { compareVersions, type InstalledEntry, satisfies } from "@ggen/p2p-gpack";
import {
  type ErrorJson,
  GgenError,
  isGgenError,
  type NodeApi,
  normalizePackageId,
  parseRef,
  type PublisherId,
} from "@ggen/p2p-types";

/** An installed package beside what its publisher has released since. */
export interface Upgrade {
  readonly id: string;
  readonly publisher: PublisherId;
  readonly current: string;
  /** The newest version that is not withdrawn; absent when that could not be found out. */
  readonly latest?: string;
  readonly outdated: boolean;
  readonly error?: ErrorJson;
}

/**
 * Compares installed packages with the catalogue. Owners never change here: only versions of the publisher that a
 * package was installed from are considered, and a prerelease only when one is installed.
 * @param api - the catalogue
 * @param entries - what is installed
 * @param signal - cancels
 */
export async function findUpgrades(
  api: NodeApi,
  entries: readonly InstalledEntry[],
  signal: AbortSignal,
): Promise<readonly Upgrade[]> {
  const upgrades: Upgrade[] = [];
  for (const { record } of entries) {
    const { id, publisher, version: current } = record;
    try {
      const info = await api.info({ ref: `${publisher}/${id}` }, { signal });
      const latest = newest(
        info.versions.filter((row) => row.publisher === publisher && !row.yanked).map((row) => row.version),
        current.includes("-"),
      );
      const outdated = latest !== undefined && compareVersions(latest, current) > 0;
      upgrades.push({ id, publisher, current, ...(latest === undefined ? {} : { latest }), outdated });
    } catch (error) {
      if (!isGgenError(error) || error.code === "aborted") throw error;
      upgrades.push({ id, publisher, current, outdated: false, error: error.toJSON() });
    }
  }
  return upgrades;
}

function newest(versions: readonly string[], prereleases: boolean): string | undefined {
  return versions
    .filter((version) => prereleases || !version.includes("-"))
    .toSorted(compareVersions)
    .at(-1);
}

/**
 * The installed packages that a reference names.
 * @param entries - what is installed
 * @param ref - `[PUBLISHER/]ID[@RANGE]`; absent for all
 * @throws GgenError `ref.invalid`, `package.not-installed`
 */
export function selectInstalled(
  entries: readonly InstalledEntry[],
  ref: string | undefined,
): readonly InstalledEntry[] {
  if (ref === undefined) return entries;
  const { id, publisher, range } = parseRef(ref);
  const found = entries.filter(
    ({ record }) =>
      normalizePackageId(record.id) === normalizePackageId(id) &&
      (publisher === undefined || record.publisher.startsWith(publisher)) &&
      (range === undefined || satisfies(record.version, range)),
  );
  if (found.length > 0) return found;
  const other = entries.find(({ record }) => normalizePackageId(record.id) === normalizePackageId(id))?.record;
  throw new GgenError("package.not-installed", `${ref} is not installed here`, {
    expected: "a package that ggen marketplace list shows",
    got: other === undefined ? "nothing of this id" : `${other.publisher}/${other.id}@${other.version}`,
  });
}
