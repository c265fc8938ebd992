import type { PackageManifest } from "@ggen/p2p-gpack";
import { GgenError, isVersion, type Manifest, normalizePackageId, type PackageDraft } from "@ggen/p2p-types";
import { stringify } from "smol-toml";

const optionalNames = ["license", "category", "homepage", "repository", "ggenCompat"] as const;

/**
 * The manifest of a package that is published from memory.
 * @throws GgenError `id.invalid`, `version.invalid`
 */
export function draftManifest(draft: PackageDraft): PackageManifest {
  normalizePackageId(draft.id);
  if (!isVersion(draft.version)) {
    throw new GgenError("version.invalid", `"${draft.version.slice(0, 120)}" is not a version`, {
      expected: "semver without build metadata, e.g. 1.2.3",
      got: JSON.stringify(draft.version.slice(0, 120)),
    });
  }
  const optional: Partial<Manifest> = Object.fromEntries(
    optionalNames.flatMap((name) => (draft[name] === undefined ? [] : [[name, draft[name]]])),
  );
  return {
    id: draft.id,
    version: draft.version,
    manifest: {
      title: draft.name ?? draft.id,
      description: draft.description ?? "",
      ...optional,
      tags: draft.tags ?? [],
      keywords: draft.keywords ?? [],
      authors: draft.authors ?? [],
      dependencies: draft.dependencies ?? {},
      requires: draft.requires ?? [],
    },
    form: "gpack",
    file: "gpack.toml",
    references: [],
  };
}

/** The files of a draft, with a `gpack.toml` that says what the draft says when it brings none. */
export function draftFiles(
  draft: PackageDraft,
  { id, version, manifest }: PackageManifest,
): Record<string, Uint8Array | string> {
  const { title, ggenCompat, dependencies, ...rest } = manifest;
  const gpack = { id, name: title, version, ...rest, ...(ggenCompat === undefined ? {} : { ggen_compat: ggenCompat }) };
  return { "gpack.toml": `${stringify({ gpack, dependencies })}\n`, ...draft.files };
}
