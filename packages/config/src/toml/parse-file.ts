import { GgenError } from "@ggen/p2p-types";
import { parse, TomlDate, TomlError, type TomlTable } from "smol-toml";

import type { Setting } from "../build-config.ts";
import { isTableName } from "../keys/config-keys.ts";
import { lineOf, scanToml, type TomlLayout } from "./scan.ts";

/** Deepest nesting of inline tables and lists that is parsed. */
const maxDepth = 16;

/**
 * Parses the text of a configuration file.
 * @param text - at most 1 MiB
 * @param name - the file, for messages
 * @throws GgenError `config.invalid` when it is not TOML
 */
export function parseToml(text: string, name: string): TomlTable {
  try {
    return parse(text, { maxDepth });
  } catch (cause) {
    // The excerpt with its caret that follows does not survive inside a sentence; line and column are named.
    const [reason = ""] = (cause instanceof Error ? cause.message : String(cause)).split("\n", 1);
    const place = cause instanceof TomlError ? `:${cause.line}:${cause.column}` : "";
    throw new GgenError("config.invalid", `${name}${place}: the file is not TOML`, {
      expected: "TOML",
      got: reason.replace("Invalid TOML document: ", ""),
      ...(cause instanceof TomlError ? { data: { file: name, line: cause.line, column: cause.column } } : {}),
      cause,
    });
  }
}

/**
 * What the text of a configuration file says, setting by setting.
 * @param text - at most 1 MiB
 * @param file - its path, for messages
 * @throws GgenError `config.invalid` when it is not TOML
 */
export function settingsOfToml(text: string, file: string): readonly Setting[] {
  const parsed = parseToml(text, file);
  const layout = scanToml(text);
  const settings: Setting[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    const key = path.map((name) => (name.includes(".") ? JSON.stringify(name) : name)).join(".");
    const isTable =
      typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof TomlDate);
    const [only] = path;
    if (path.length === 0 || (isTable && path.length === 1 && isTableName(only ?? ""))) {
      for (const [name, inner] of Object.entries(value as TomlTable)) visit(inner, [...path, name]);
    } else {
      settings.push({ key, value, source: "file", where: (part) => `${file}:${placeOf(text, layout, path, part)}` });
    }
  };
  visit(parsed, []);
  return settings;
}

/** The line of a key, or of one text in its value. */
function placeOf(text: string, { statements, headers }: TomlLayout, path: readonly string[], part?: string): number {
  const begins = (longer: readonly string[], shorter: readonly string[]): boolean =>
    shorter.every((name, index) => longer[index] === name);
  const statement =
    statements.find((candidate) => begins(candidate.path, path)) ??
    // A key inside an inline table: the table's own statement is the nearest place.
    statements.find((candidate) => begins(path, candidate.path));
  if (statement === undefined) {
    return lineOf(text, headers.find((header) => begins(header.path, path))?.start ?? 0);
  }
  const inner = part === undefined ? -1 : text.slice(statement.start, statement.end).indexOf(part);
  return lineOf(text, statement.start + Math.max(0, inner));
}
