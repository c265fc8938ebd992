import { basename } from "node:path";

import { GgenError, isPackageId, isVersion, type Manifest, manifestLimits as limits } from "@ggen/p2p-types";

import { maxRangeLength, parseRange } from "../version/versions.ts";
import { readDependencies, readRequires } from "./dependencies.ts";
import { createFieldReader, describe, type FieldReader, isTable } from "./field-reader.ts";
import { type FileReference, readReferences } from "./references.ts";
import { parseToml, type TomlTable } from "./toml.ts";

/** Largest manifest file in bytes; checked before it is parsed. */
export const maxManifestBytes: number = 1 << 20;

/** The names that a manifest may have, the first one that exists wins. */
export const manifestFileNames = ["gpack.toml", "package.toml"] as const;

/** What a manifest file says. */
export interface PackageManifest {
  /** As written; compared without case. */
  readonly id: string;
  readonly version: string;
  readonly manifest: Manifest;
  /** Which of the three forms it is written in. */
  readonly form: "gpack" | "gpack-package" | "package";
  /** The file's name in the package. */
  readonly file: string;
  /** Files and patterns that the manifest names, for {@link lintPackage}. */
  readonly references: readonly FileReference[];
}

/**
 * Parses a manifest.
 * @param text - TOML, at most 1 MiB
 * @param fileName - path or name; its last part decides which forms are possible
 * @throws GgenError `manifest.invalid` with file, and line and column or field
 */
export function parseManifest(text: string, fileName: string): PackageManifest {
  const document = parseToml(text, fileName, "manifest.invalid", maxManifestBytes);
  const file = basename(fileName);
  const section = file !== "package.toml" && Object.hasOwn(document, "gpack") ? "gpack" : "package";
  const table = document[section];
  if (!isTable(table)) {
    const expected = file === "package.toml" ? "[package]" : "[gpack] or [package]";
    throw new GgenError("manifest.invalid", `${fileName} has no table ${expected}`, {
      expected,
      got: describe(table),
      data: { file: fileName },
    });
  }
  const fields = createFieldReader(table, fileName, section);
  const id = readId(fields, section);
  const version = readVersion(fields);
  return {
    id,
    version,
    manifest: readManifestFields(fields, document, section, id),
    form: section === "gpack" ? "gpack" : file === "package.toml" ? "package" : "gpack-package",
    file,
    references: readReferences(document),
  };
}

function readId(fields: FieldReader, section: string): string {
  const field = section === "gpack" || fields.has("id") ? "id" : "name";
  const id = fields.raw(field);
  if (typeof id !== "string" || !isPackageId(id)) {
    const expected = "1-100 characters of A-Z a-z 0-9 . _ -, no leading or trailing dot, no Windows device name";
    throw fields.invalid(field, expected, describe(id));
  }
  return id;
}

function readVersion(fields: FieldReader): string {
  const version = fields.raw("version");
  if (typeof version !== "string" || !isVersion(version)) {
    throw fields.invalid("version", "semver without build metadata, e.g. 1.2.3", describe(version));
  }
  return version;
}

function readManifestFields(fields: FieldReader, document: TomlTable, section: string, id: string): Manifest {
  const category = readCategory(fields);
  const ggenCompat = readCompat(fields);
  const license = fields.text("license", 0, limits.license);
  const homepage = fields.text("homepage", 0, limits.homepage);
  const repository = fields.text("repository", 0, limits.repository);
  return {
    title: fields.text("name", 1, limits.title) ?? id,
    description: fields.text("description", 0, limits.description) ?? "",
    ...(license !== undefined && license !== "" && { license }),
    ...(category !== undefined && { category }),
    tags: fields.texts("tags", limits.tags),
    keywords: fields.texts("keywords", limits.keywords),
    authors: readAuthors(fields),
    ...(homepage !== undefined && homepage !== "" && { homepage }),
    ...(repository !== undefined && repository !== "" && { repository }),
    ...(ggenCompat !== undefined && { ggenCompat }),
    dependencies: section === "gpack" ? readDependencies(fields.file, document["dependencies"]) : {},
    requires: section === "gpack" ? [] : readRequires(fields, document["dependencies"]),
  };
}

function readCategory(fields: FieldReader): string | undefined {
  const category = fields.text("category", 0, limits.category);
  if (category !== undefined && category !== "") return category;
  if (!fields.has("categories")) return undefined;
  return fields.texts("categories", [1000, limits.category])[0];
}

function readAuthors(fields: FieldReader): readonly string[] {
  const field = fields.has("authors") ? "authors" : "author";
  const value = fields.raw(field);
  if (typeof value !== "string") return fields.texts(field, limits.authors);
  const author = fields.checkText(value, field, 0, limits.authors[1]);
  return author.trim() === "" ? [] : [author];
}

function readCompat(fields: FieldReader): string | undefined {
  const text = fields.text("ggen_compat", 0, Math.min(limits.ggenCompat, maxRangeLength));
  if (text === undefined || text.trim() === "") return undefined;
  try {
    return parseRange(text).text;
  } catch {
    throw fields.invalid("ggen_compat", 'a semver range, e.g. ">=2.4.0"', describe(text));
  }
}
