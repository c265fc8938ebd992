import type { PackedFile } from "@ggen/p2p-types";
import ignore from "ignore";

import type { PackageManifest } from "./parse-manifest.ts";

/** What the publisher's pre-flight check found, in sentences. */
export interface LintReport {
  /** Reasons not to publish. */
  readonly errors: readonly string[];
  /** Things to know. */
  readonly warnings: readonly string[];
}

const secretFile = /(?:^|\/)(?:\.env(?:\.[^/]*)?|\.npmrc|\.netrc|id_(?:rsa|dsa|ecdsa|ed25519)|identity\.key)$/i;
const exampleFile = /\.(?:example|sample|template|tmpl)$/i;

/**
 * Looks over a package before it is published: what it says against what it holds. Nothing about trust depends on it.
 * @param manifest - as {@link readManifest} gave it
 * @param files - as they will be in the archive
 */
export function lintPackage(manifest: PackageManifest, files: readonly PackedFile[]): LintReport {
  const errors: string[] = [];
  const warnings: string[] = [];
  if (!files.some(({ path }) => path === manifest.file)) {
    errors.push(`${manifest.file} is not in the package: .ggenignore excludes it`);
  }
  for (const { path } of files) {
    if (secretFile.test(path) && !exampleFile.test(path)) {
      errors.push(`${path} looks like a secret: exclude it in .ggenignore, everyone could read it for ever`);
    }
  }
  if (manifest.manifest.description === "")
    warnings.push("The manifest has no description: searches find it by its id only");
  if (manifest.manifest.license === undefined) warnings.push("The manifest names no license");
  for (const { section, pattern } of manifest.references) {
    if (!namesAny(pattern, files)) warnings.push(`[${section}] names ${pattern}, and the package has no such file`);
  }
  return { errors, warnings };
}

function namesAny(pattern: string, files: readonly PackedFile[]): boolean {
  const matcher = ignore({ ignorecase: false, allowRelativePaths: true }).add(pattern);
  return files.some(({ path }) => matcher.ignores(path));
}
