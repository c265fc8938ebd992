import { GgenError, manifestLimits as limits, parseRef } from "@ggen/p2p-types";

import { parseRange } from "../version/versions.ts";
import { describe, type FieldReader, isTable, type TomlValue } from "./field-reader.ts";

/**
 * The dependencies of a `[gpack]` manifest: `id` or `publisher/id` = semver range. They will be resolved, so each must
 * be right.
 * @throws GgenError `manifest.invalid`
 */
export function readDependencies(file: string, value: TomlValue | undefined): Record<string, string> {
  if (value === undefined) return {};
  const invalid = (field: string, expected: string, got: string): GgenError =>
    new GgenError("manifest.invalid", `${file}: ${field} is not valid: expected ${expected}, got ${got}`, {
      expected,
      got,
      data: { file, field },
    });
  if (!isTable(value)) throw invalid("[dependencies]", "a table", describe(value));
  const [maxItems, maxLength] = limits.dependencies;
  const entries = Object.entries(value);
  if (entries.length > maxItems) throw invalid("[dependencies]", `at most ${maxItems}`, `${entries.length}`);
  const ids = new Set<string>();
  const ranges = entries.map(([name, range]): [string, string] => {
    const field = `[dependencies] ${describe(name)}`;
    const id = name.length <= maxLength ? idOf(name) : undefined;
    if (id === undefined)
      throw invalid(field, `an id or publisher/id of at most ${maxLength} characters`, describe(name));
    if (ids.has(id)) throw invalid(field, "each id once, letters compared without case", describe(name));
    ids.add(id);
    if (typeof range !== "string" || range.length > maxLength || !isRange(range)) {
      throw invalid(field, `a semver range as text, at most ${maxLength} characters`, describe(range));
    }
    return [name, range.trim() === "" ? "*" : range.trim()];
  });
  return Object.fromEntries(ranges);
}

function idOf(name: string): string | undefined {
  try {
    const ref = parseRef(name);
    return ref.range === undefined ? ref.id.toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

function isRange(text: string): boolean {
  try {
    parseRange(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * What the older manifests call dependencies: crates, paths, packages that do not exist. Kept as text for people.
 * @throws GgenError `manifest.invalid` for a text or a list that is too long
 */
export function readRequires(fields: FieldReader, topLevel: TomlValue | undefined): readonly string[] {
  const [maxItems, maxLength] = limits.requires;
  const texts = [...listRequires(fields.raw("dependencies")), ...listRequires(topLevel)];
  const unique = [...new Set(texts.filter((text) => text.trim() !== ""))];
  if (unique.length > maxItems) throw fields.invalid("dependencies", `at most ${maxItems}`, `${unique.length}`);
  return unique.map((text) => fields.checkText(text, "dependencies", 1, maxLength));
}

function listRequires(value: TomlValue | undefined): readonly string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.map((item) => (typeof item === "string" ? item : describe(item)));
  if (!isTable(value)) return [];
  return Object.entries(value).map(([name, item]) => {
    const version = isTable(item) ? item["version"] : item;
    return typeof version === "string" && version !== "" ? `${name} ${version}` : name;
  });
}
