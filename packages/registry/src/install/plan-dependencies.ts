import { compareVersions, type LockedPackage, resolveDependencies } from "@ggen/p2p-gpack";
import { type ErrorCode, isGgenError, type Package } from "@ggen/p2p-types";

import { type Cooldown, isYoung, sayPassedOver, sayYoung } from "../resolve/cooldown.ts";

/** What is resolved. */
export interface DependencyQuestion {
  /** The package whose dependencies are wanted. */
  readonly release: Package;
  /** Every installable release that a dependency's id stands for. */
  readonly candidates: (dependency: {
    readonly id: string;
    readonly publisher?: string;
  }) => Promise<readonly Package[]>;
  readonly cooldownOf: (release: Package) => Cooldown;
  readonly locked?: readonly LockedPackage[];
}

/** Errors that a young release may cure. */
const curable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "dependency.unresolvable",
  "package.version-not-found",
  "package.incompatible",
]);

/**
 * Chooses a version of each dependency: young releases are passed over as long as the others satisfy every range.
 * @returns dependencies first; what is to be said about their age
 * @throws GgenError as `resolveDependencies` and the candidates
 */
export async function planDependencies(
  question: DependencyQuestion,
): Promise<{ readonly packages: readonly Package[]; readonly warnings: readonly string[] }> {
  const { release, candidates, cooldownOf, locked = [] } = question;
  const isLocked = (known: Package): boolean =>
    locked.some(({ checksum, version }) => checksum === known.checksum && version === known.version);
  const isOwn = (known: Package): boolean => known.operation === release.operation;
  const passedOver = new Map<string, Package>();
  const resolve = (withYoung: boolean): Promise<readonly Package[]> =>
    resolveDependencies<Package>({
      roots: [{ id: release.id, publisher: release.publisher, range: release.version }],
      candidates: async (dependency) => {
        const known = await candidates(dependency);
        if (withYoung) return known;
        const old = known.filter((one) => isOwn(one) || isLocked(one) || !isYoung(one, cooldownOf(one)));
        if (old.length === 0) return known;
        const newest = known
          .filter((one) => !old.includes(one))
          .toSorted(byVersion)
          .at(-1);
        if (newest !== undefined) passedOver.set(newest.id.toLowerCase(), newest);
        return old;
      },
      locked,
    });
  const packages = await resolve(false).catch((error: unknown) => {
    if (!isGgenError(error) || !curable.has(error.code)) throw error;
    passedOver.clear();
    return resolve(true);
  });
  const warnings = packages.flatMap((chosen) => {
    if (isOwn(chosen) || isLocked(chosen)) return [];
    if (isYoung(chosen, cooldownOf(chosen))) return [sayYoung(chosen, cooldownOf(chosen))];
    const newer = passedOver.get(chosen.id.toLowerCase());
    return newer !== undefined && byVersion(newer, chosen) > 0 ? [sayPassedOver(newer, cooldownOf(newer))] : [];
  });
  return { packages, warnings };
}

function byVersion(a: Package, b: Package): number {
  return compareVersions(a.version, b.version);
}
