import { familyVersion, parseRef } from "@ggen/p2p-types";

import { compareVersions, parseRange, type VersionRange } from "../version/versions.ts";
import type { Candidate, DependencyRef } from "./candidate.ts";

/** A requirement with what its reference stands for. */
export interface Requirement<C extends Candidate> {
  /** The id in lower case. */
  readonly key: string;
  readonly ref: DependencyRef;
  readonly range: VersionRange;
  /** `id@version` of the package that requires it; undefined for the user. */
  readonly by: string | undefined;
  /** Every version that its reference stands for, newest first. */
  readonly offers: readonly C[];
  /** {@link releaseKey} of each. */
  readonly offered: ReadonlySet<string>;
}

/** One dependency as a manifest names it. */
export interface WantedDependency {
  readonly ref: DependencyRef;
  readonly range: VersionRange;
}

/** The dependencies of a candidate; undefined when its manifest names one that cannot be understood. */
export function wantedBy(candidate: Candidate): readonly WantedDependency[] | undefined {
  try {
    return Object.entries(candidate.dependencies).map(([name, range]) => {
      const { id, publisher } = parseRef(name);
      return { ref: { id, ...(publisher !== undefined && { publisher }) }, range: parseRange(range) };
    });
  } catch {
    return undefined;
  }
}

/** Whether a candidate is what a requirement asks for. */
export function accepts<C extends Candidate>(requirement: Requirement<C>, candidate: C): boolean {
  return requirement.offered.has(releaseKey(candidate)) && requirement.range.test(candidate.version);
}

/** The same for two candidates of one id exactly when they are one release. */
export function releaseKey({ publisher, version }: Pick<Candidate, "publisher" | "version">): string {
  return `${publisher}@${version}`;
}

/** Whether a candidate works with this ggen. A range that cannot be understood is one that it does not satisfy. */
export function isCompatible(candidate: Candidate): boolean {
  if (candidate.ggenCompat === undefined) return true;
  try {
    return parseRange(candidate.ggenCompat).test(familyVersion);
  } catch {
    return false;
  }
}

/** Newest first; equal versions of several publishers by publisher, so that the order is always the same. */
export function newestFirst(a: Candidate, b: Candidate): number {
  return compareVersions(b.version, a.version) || (a.publisher < b.publisher ? -1 : 1);
}
