import { isTable } from "./field-reader.ts";
import type { TomlTable } from "./toml.ts";

/** A file or gitignore pattern that a manifest names. */
export interface FileReference {
  /** The table that names it, e.g. `templates`. */
  readonly section: string;
  readonly pattern: string;
}

const sections = ["templates", "macros", "rdf", "queries", "shapes", "preset", "files"];
const maxReferences = 1000;
const maxPatternLength = 240;

/** The files that the content tables of a manifest name: `patterns` and `files` arrays, and keys that look like files. */
export function readReferences(document: TomlTable): readonly FileReference[] {
  const references = sections.flatMap((section) => {
    const table = document[section];
    if (!isTable(table)) return [];
    const listed = [table["patterns"], table["files"]].flatMap((list) => (Array.isArray(list) ? list : []));
    const keys = Object.keys(table).filter((key) => /\.[a-z0-9]{1,8}$/i.test(key));
    return [...listed, ...keys]
      .filter((pattern) => typeof pattern === "string")
      .filter((pattern) => pattern !== "" && pattern.length <= maxPatternLength)
      .map((pattern) => ({ section, pattern }));
  });
  return references.slice(0, maxReferences);
}
