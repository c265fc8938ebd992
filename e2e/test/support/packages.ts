import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** The packages of this repository that everybody can publish. */
export const examplePackages: string = join(import.meta.dirname, "../../../examples/packages");

/** The documents' manifest. */
export function manifest(id: string, version = "1.0.0"): string {
  return `[gpack]
id = "${id}"
name = "My Package"
version = "${version}"
description = "Example package"
license = "MIT"
ggen_compat = ">=2.4.0"
`;
}

/**
 * Writes a package folder.
 * @param folder - absolute path, made when it is missing
 * @param files - their contents by relative path, beside the manifest
 * @returns the folder
 */
export function writePackage(
  folder: string,
  id: string,
  options: { readonly version?: string; readonly files?: Readonly<Record<string, string>> } = {},
): string {
  const files = { "gpack.toml": manifest(id, options.version), ...options.files };
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}
