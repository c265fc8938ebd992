import { compareVersions, satisfies } from "@ggen/p2p-gpack";
import { familyVersion, GgenError, type Package } from "@ggen/p2p-types";

import { type Cooldown, isYoung, sayPassedOver, sayYoung } from "./cooldown.ts";

/** What decides which version of a publisher's package is taken. */
export interface VersionWish extends Cooldown {
  /** A semver range; any version when absent. */
  readonly range?: string;
  /** The version in the lockfile with its checksum: taken when it satisfies the range, also when yanked. */
  readonly locked?: { readonly version: string; readonly checksum: string };
}

/** The chosen release, and what its user should know. */
export interface VersionChoice {
  readonly release: Package;
  readonly warnings: readonly string[];
}

/**
 * Chooses a version.
 * @param releases - of one publisher and id, ascending
 * @throws GgenError `package.version-not-found`, `package.yanked`, `package.conflict`, `package.incompatible`
 */
export function selectVersion(releases: readonly Package[], wish: VersionWish): VersionChoice {
  const inRange = releases.filter(({ version }) => satisfies(version, wish.range ?? "*") || version === wish.range);
  const locked = inRange.find(
    ({ version, checksum }) => version === wish.locked?.version && checksum === wish.locked.checksum,
  );
  if (locked !== undefined) return { release: locked, warnings: lockedWarnings(locked) };

  // With only prereleases and no range, the newest prerelease is better than a refusal.
  const matching = inRange.length === 0 && wish.range === undefined ? releases : inRange;
  const usable = matching.filter((release) => refusal(release) === undefined);
  const newest = usable.at(-1);
  if (newest === undefined) throw explain(releases, matching, wish.range);
  const explicit = wish.range === newest.version;
  if (!isYoung(newest, wish)) return { release: newest, warnings: [] };
  const old = usable.findLast((release) => !isYoung(release, wish));
  if (explicit || old === undefined) return { release: newest, warnings: [sayYoung(newest, wish)] };
  return { release: old, warnings: [sayPassedOver(newest, wish)] };
}

function lockedWarnings(release: Package): string[] {
  if (release.yanked === undefined) return [];
  return [`${release.id}@${release.version} was yanked${reason(release)}; it is installed because ggen.lock names it`];
}

const reason = (release: Package): string => (release.yanked?.reason ? `: ${release.yanked.reason}` : "");

/** Why a release may not be newly installed; undefined when it may. */
function refusal(release: Package): GgenError | undefined {
  const name = `${release.id}@${release.version}`;
  if (release.conflicted === true) {
    return new GgenError("package.conflict", `Its publisher signed two different contents for ${name}`);
  }
  if (release.yanked !== undefined) {
    return new GgenError("package.yanked", `${name} was yanked by its publisher${reason(release)}`);
  }
  if (release.ggenCompat !== undefined && !satisfies(familyVersion, release.ggenCompat)) {
    return new GgenError("package.incompatible", `${name} does not work with this ggen`, {
      expected: `ggen ${release.ggenCompat}`,
      got: `ggen ${familyVersion}`,
    });
  }
  return undefined;
}

function explain(releases: readonly Package[], matching: readonly Package[], range: string | undefined): GgenError {
  const newest = matching.at(-1);
  const refused = newest === undefined ? undefined : refusal(newest);
  if (refused !== undefined) return refused;
  const id = releases[0]?.id ?? "The package";
  return new GgenError("package.version-not-found", `${id} has no version in ${range ?? "*"}`, {
    expected: range ?? "any version",
    got: releases
      .map(({ version }) => version)
      .toSorted(compareVersions)
      .slice(-10)
      .join(", "),
  });
}
