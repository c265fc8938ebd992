import {
  formatRef,
  GgenError,
  isVersion,
  type Package,
  type PackageInfo,
  type PackageRef,
  parseRef,
} from "@ggen/p2p-types";

import type { GatewayBackend } from "../backend.ts";
import { toClaimantJson } from "./package-json.ts";

/** Which package a path names. */
export interface PackagePath {
  readonly ref: PackageRef;
  /** The path itself in canonical spelling, e.g. `/packages/ID/versions/1.0.0`. */
  readonly path: string;
  readonly version?: string;
}

/**
 * Checks the parameters of a path.
 * @param id - `[PUBLISHER/]ID`, decoded
 * @param version - decoded
 * @throws GgenError `ref.invalid`, `version.invalid`
 */
export function parsePackagePath(id: string, version?: string): PackagePath {
  const ref = parseRef(id);
  if (ref.range !== undefined) {
    throw new GgenError("ref.invalid", `"${id.slice(0, 200)}" is not a package id`, {
      expected: "[PUBLISHER/]ID without a range",
      got: `@${ref.range}`,
      hint: "Write the version as /packages/ID/versions/VERSION.",
    });
  }
  const path = `/packages/${encodeURIComponent(formatRef(ref))}`;
  if (version === undefined) return { ref, path };
  if (!isVersion(version)) {
    throw new GgenError("version.invalid", `"${version.slice(0, 100)}" is not a version`, {
      expected: "1.2.3 or 1.2.3-beta.1",
    });
  }
  return { ref, path: `${path}/versions/${encodeURIComponent(version)}`, version };
}

/**
 * Finds the package that a path names. Only the description of an id may be that of a withdrawn version, when there is no
 * other.
 * @param purpose - whether its bytes are wanted, or only what is known of it
 * @throws GgenError `package.ambiguous` with the claimants, `package.yanked`, `package.conflict`,
 *   `package.version-not-found`, and what the node throws
 */
export async function resolvePackage(
  backend: GatewayBackend,
  { ref, version }: PackagePath,
  purpose: "describe" | "fetch",
  signal: AbortSignal,
): Promise<{ readonly pkg: Package; readonly info: PackageInfo }> {
  const info = await backend.info(
    { ref: formatRef(version === undefined ? ref : { ...ref, range: version }) },
    { signal },
  );
  const pkg = info.package;
  if (info.disputed || pkg === undefined) {
    const claimants = info.claimants.map(toClaimantJson);
    if (claimants.length === 0) throw new GgenError("package.not-found", `There is no package ${ref.id}`);
    throw new GgenError("package.ambiguous", `${claimants.length} publishers claim ${info.id}`, {
      expected: "a publisher",
      got: claimants.map(({ publisher }) => publisher).join(", "),
      hint: `Ask for one of them: /packages/${encodeURIComponent(`${claimants[0]?.publisher}/${info.id}`)}`,
      data: { id: info.id, claimants },
    });
  }
  if (version !== undefined && pkg.version !== version) {
    throw new GgenError("package.version-not-found", `${pkg.id} has no version ${version}`);
  }
  if (pkg.yanked !== undefined && (version !== undefined || purpose === "fetch")) {
    throw new GgenError("package.yanked", `${pkg.id}@${pkg.version} was withdrawn: ${pkg.yanked.reason}`);
  }
  if (pkg.conflicted === true) {
    throw new GgenError("package.conflict", `${pkg.publisher} signed two contents for ${pkg.id}@${pkg.version}`);
  }
  return { pkg, info };
}
