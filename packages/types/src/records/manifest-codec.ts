import { type Manifest, manifestLimits as limits } from "../manifest.ts";
import { checkText, invalidRecord, readFields } from "./fields.ts";

/**
 * A manifest as its CBOR map: the names of {@link Manifest}, absent fields left out.
 * @param manifest - within {@link manifestLimits}
 */
export function manifestToCbor(manifest: Manifest): Record<string, unknown> {
  return Object.fromEntries(Object.entries(manifest).filter(([, value]) => value !== undefined));
}

/**
 * The manifest in a decoded CBOR map.
 * @throws GgenError `record.invalid`
 */
export function manifestFromCbor(value: unknown): Manifest {
  const fields = readFields(value, "manifest");
  const optional = (name: "license" | "category" | "homepage" | "repository" | "ggenCompat"): Record<string, string> =>
    fields.has(name) ? { [name]: fields.text(name, 1, limits[name]) } : {};
  const texts = (name: "tags" | "keywords" | "authors" | "requires"): string[] =>
    fields.list(name, limits[name][0], (item, at) => checkText(item, at, 1, limits[name][1]));
  const manifest: Manifest = {
    title: fields.text("title", 1, limits.title),
    description: fields.text("description", 0, limits.description),
    ...optional("license"),
    ...optional("category"),
    tags: texts("tags"),
    keywords: texts("keywords"),
    authors: texts("authors"),
    ...optional("homepage"),
    ...optional("repository"),
    ...optional("ggenCompat"),
    dependencies: dependencies(fields.raw("dependencies")),
    requires: texts("requires"),
  };
  fields.end();
  return manifest;
}

function dependencies(value: unknown): Record<string, string> {
  if (!(value instanceof Map)) throw invalidRecord("dependencies", "a map");
  const entries: (readonly [string, unknown])[] = [...value];
  if (entries.length > limits.dependencies[0]) throw invalidRecord("dependencies", `at most ${limits.dependencies[0]}`);
  return Object.fromEntries(
    entries.map(([name, range]) => [
      checkText(name, "dependencies", 1, limits.dependencies[1]),
      checkText(range, `dependencies.${name}`, 1, limits.dependencies[1]),
    ]),
  );
}
