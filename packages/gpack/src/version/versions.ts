import { GgenError, isVersion } from "@ggen/p2p-types";
import semver from "semver";

/** Longest range in characters. */
export const maxRangeLength = 200;

/**
 * Order of versions by semver precedence.
 * @returns negative, zero or positive
 * @throws GgenError `version.invalid`
 */
export function compareVersions(a: string, b: string): number {
  return semver.compare(parseVersion(a), parseVersion(b));
}

/**
 * Whether a range takes a version; a prerelease only if the range names one of the same major.minor.patch.
 * @throws GgenError `version.invalid` for a version or range that is none
 */
export function satisfies(version: string, range: string): boolean {
  return parseRange(range).test(parseVersion(version));
}

/**
 * The highest version that a range takes; undefined when it takes none.
 * @throws GgenError `version.invalid`
 */
export function maxSatisfying(versions: readonly string[], range: string): string | undefined {
  const parsed = parseRange(range);
  return versions
    .filter((version) => parsed.test(parseVersion(version)))
    .sort(compareVersions)
    .at(-1);
}

/** A parsed range. */
export interface VersionRange {
  /** As written, without blanks around it. */
  readonly text: string;
  /** Whether it takes a version (one that {@link isVersion}). */
  test(version: string): boolean;
}

/**
 * Parses a semver range: `1.2.3`, `^1.2`, `>=1.0.0 <2.0.0`, `1.x || 2.x`, `*`. An empty text is `*`.
 * @throws GgenError `version.invalid`
 */
export function parseRange(text: string): VersionRange {
  const range = text.length <= maxRangeLength ? toRange(text.trim()) : undefined;
  if (range === undefined) {
    throw new GgenError("version.invalid", `${JSON.stringify(text.slice(0, 120))} is not a version range`, {
      expected: `a semver range of at most ${maxRangeLength} characters, e.g. ^1.2.0 or ">=1.0.0 <2.0.0"`,
      got: text.length > maxRangeLength ? `${text.length} characters` : JSON.stringify(text),
    });
  }
  return { text: text.trim(), test: (version) => range.test(version) };
}

function toRange(text: string): semver.Range | undefined {
  try {
    return new semver.Range(text);
  } catch {
    return undefined;
  }
}

function parseVersion(text: string): string {
  if (!isVersion(text)) {
    throw new GgenError("version.invalid", `${JSON.stringify(text.slice(0, 120))} is not a version`, {
      expected: "semver without build metadata, e.g. 1.2.3 or 1.2.3-beta.1",
      got: JSON.stringify(text.slice(0, 120)),
    });
  }
  return text;
}
