import type { Conflict } from "@ggen/p2p-catalog";
import { compareVersions, satisfies } from "@ggen/p2p-gpack";
import { familyVersion, GgenError, type Package } from "@ggen/p2p-types";

import { type Cooldown, isYoung, sayPassedOver, sayYoung } from "./cooldown.ts";

/** What decides which version of a publisher's package is taken. */
export interface VersionWish extends Cooldown {
  /** A semver range; any version when absent. */
  readonly range?: string;
  /** The version in the lockfile with its checksum: taken when it satisfies the range, also when yanked. */
  readonly locked?: { readonly version: string; readonly checksum: string };
  /** The two records that make a release conflicted. */
  readonly conflictOf?: (release: Package) => Conflict | undefined;
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
  if (newest === undefined) throw explain(releases, matching, wish);
  const notes = matching.slice(matching.indexOf(newest) + 1).flatMap(sayConflicted);
  const explicit = wish.range === newest.version;
  if (!isYoung(newest, wish)) return { release: newest, warnings: notes };
  const old = usable.findLast((release) => !isYoung(release, wish));
  if (explicit || old === undefined) return { release: newest, warnings: [...notes, sayYoung(newest, wish)] };
  return { release: old, warnings: [...notes, sayPassedOver(newest, wish)] };
}

/** Says of the release that a lockfile pins what speaks against it. */
export function lockedWarnings(release: Package): string[] {
  const name = `${release.id}@${release.version}`;
  const because = "it is installed because ggen.lock names it";
  return [
    ...(release.yanked === undefined ? [] : [`${name} was yanked${reason(release)}; ${because}`]),
    ...(release.conflicted === true ? [`${name} is one of two contents that its publisher signed; ${because}`] : []),
  ];
}

function sayConflicted(release: Package): string[] {
  if (release.conflicted !== true) return [];
  return [`${release.id}@${release.version} was passed over: ${conflictMessage(release)}`];
}

function conflictMessage({ publisher, id, version }: Package, conflict?: Conflict): string {
  return conflict?.kind === "fork"
    ? `A key of ${publisher} signed two records with one number, at or before ${id}@${version}`
    : `Its publisher signed two different contents for ${id}@${version}`;
}

const reason = (release: Package): string => (release.yanked?.reason ? `: ${release.yanked.reason}` : "");

/** Why a release may not be newly installed; undefined when it may. @param hint - what to do instead */
function refusal(release: Package, hint?: string): GgenError | undefined {
  const name = `${release.id}@${release.version}`;
  const details = hint === undefined ? {} : { hint };
  if (release.conflicted === true) return new GgenError("package.conflict", conflictMessage(release));
  if (release.yanked !== undefined) {
    return new GgenError("package.yanked", `${name} was yanked by its publisher${reason(release)}`, details);
  }
  if (release.ggenCompat !== undefined && !satisfies(familyVersion, release.ggenCompat)) {
    return new GgenError("package.incompatible", `${name} does not work with this ggen`, {
      expected: `ggen ${release.ggenCompat}`,
      got: `ggen ${familyVersion}`,
      ...details,
    });
  }
  return undefined;
}

/** The refusal of a conflicted release: names both records, and what is safe to install instead. */
function conflictRefusal(release: Package, releases: readonly Package[], conflict: Conflict | undefined): GgenError {
  const { publisher, id, version } = release;
  const safe = releases.findLast((other) => refusal(other) === undefined);
  const operations = conflict?.operations ?? [release.operation];
  return new GgenError("package.conflict", conflictMessage(release, conflict), {
    expected: "one record",
    got: operations.join(" and "),
    hint:
      safe === undefined
        ? `No version of it is safe to install until its publisher revokes the key: look for another package: ggen marketplace search ${id.split(/[._-]/).at(-1) ?? id}`
        : `Install a version that it signed once: ggen marketplace install ${publisher}/${id}@${safe.version}`,
    data: { publisher, id, version, operation: release.operation, kind: conflict?.kind ?? "version", operations },
  });
}

function explain(releases: readonly Package[], matching: readonly Package[], wish: VersionWish): GgenError {
  const { range } = wish;
  const newest = matching.at(-1);
  if (newest?.conflicted === true) return conflictRefusal(newest, releases, wish.conflictOf?.(newest));
  const refused = newest === undefined ? undefined : refusal(newest, insteadOf(releases));
  if (refused !== undefined) return refused;
  const [any] = releases;
  return new GgenError("package.version-not-found", `${any?.id ?? "The package"} has no version in ${range ?? "*"}`, {
    expected: range ?? "any version",
    got: releases
      .map(({ version }) => version)
      .toSorted(compareVersions)
      .slice(-10)
      .join(", "),
    ...(any === undefined ? {} : { hint: `List its versions: ggen marketplace info ${any.publisher}/${any.id}` }),
  });
}

/** What to do where a version is refused: the newest one that is not, or else to look what there is. */
function insteadOf(releases: readonly Package[]): string | undefined {
  const safe = releases.findLast((release) => refusal(release) === undefined);
  if (safe !== undefined) {
    return `Install another version: ggen marketplace install ${safe.publisher}/${safe.id}@${safe.version}`;
  }
  const [any] = releases;
  return any && `No version of it can be installed; see them: ggen marketplace info ${any.publisher}/${any.id}`;
}
