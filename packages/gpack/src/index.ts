/**
 * Packages on disk: manifests in their three forms, the canonical archive, safe extraction, the install layout, version
 * resolution and the lockfile.
 *
 * @packageDocumentation
 */
export { extractArchive, type ExtractArchiveOptions, type ExtractedFile } from "./archive/extract-archive.ts";
export { packDirectory, type PackDirectoryOptions } from "./archive/pack-directory.ts";
export { packFiles } from "./archive/pack-files.ts";
export type { PackedArchive } from "./archive/packed-archive.ts";
export { validateArchive, type ValidateArchiveOptions } from "./archive/validate-archive.ts";
export { installArchive, type InstallArchiveOptions } from "./install/install-archive.ts";
export type { InstallRecord } from "./install/install-record.ts";
export { type InstalledEntry, listInstalled, removeInstalled, verifyInstalled } from "./install/installed.ts";
export { recoverInstalls } from "./install/recover-installs.ts";
export {
  formatLockfile,
  type LockedPackage,
  type Lockfile,
  lockfileName,
  maxLockfileBytes,
  parseLockfile,
} from "./lock/lockfile.ts";
export { readLockfile, writeLockfile } from "./lock/lockfile-io.ts";
export { type StagedLockfile, stageLockfile } from "./lock/staged-lockfile.ts";
export { findProjectRoot } from "./lock/project-root.ts";
export { lintPackage, type LintReport } from "./manifest/lint-package.ts";
export { manifestFileNames, maxManifestBytes, type PackageManifest, parseManifest } from "./manifest/parse-manifest.ts";
export { readManifest } from "./manifest/read-manifest.ts";
export type { FileReference } from "./manifest/references.ts";
export type { Candidate, DependencyRef, LockedChoice, RootRequirement } from "./resolve/candidate.ts";
export { resolveDependencies, type ResolveOptions } from "./resolve/resolve-dependencies.ts";
export { makeFolders } from "./storage/durable.ts";
export {
  compareVersions,
  maxRangeLength,
  maxSatisfying,
  parseRange,
  satisfies,
  type VersionRange,
} from "./version/versions.ts";
