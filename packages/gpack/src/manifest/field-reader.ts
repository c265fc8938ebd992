import { GgenError } from "@ggen/p2p-types";

import type { TomlTable } from "./toml.ts";

/** A value of a TOML table. */
export type TomlValue = TomlTable[string];

/** Reads the fields of one manifest table; every refusal names file, field, what was expected and what was got. */
export interface FieldReader {
  readonly file: string;
  has(field: string): boolean;
  raw(field: string): TomlValue | undefined;
  /** A text of `min` to `max` UTF-16 units; undefined when the field is absent. */
  text(field: string, min: number, max: number): string | undefined;
  /** Texts in an array, or in the arrays of a table; blank ones and repetitions are passed over. */
  texts(field: string, limits: readonly [items: number, length: number]): readonly string[];
  /** The refusal of a field. */
  invalid(field: string, expected: string, got: string): GgenError;
  /** The text, when it is one of 1 to `max` units that may stand in a manifest. */
  checkText(value: unknown, field: string, min: number, max: number): string;
}

// Line breaks and tabs are text; other control characters move the cursor of whoever prints them.
const control = /(?![\t\n\r])\p{Cc}/u;

/**
 * @param table - the fields
 * @param file - the manifest's name for people
 * @param section - the table's name in the file, e.g. `gpack`
 */
export function createFieldReader(table: TomlTable, file: string, section: string): FieldReader {
  const invalid = (field: string, expected: string, got: string): GgenError =>
    new GgenError("manifest.invalid", `${file}: [${section}] ${field} is not valid: expected ${expected}, got ${got}`, {
      expected,
      got,
      data: { file, field },
    });
  const checkText = (value: unknown, field: string, min: number, max: number): string => {
    if (typeof value !== "string") throw invalid(field, "text", describe(value));
    if (value.length < min || value.length > max) {
      throw invalid(field, `${min}-${max} characters`, `${value.length} characters`);
    }
    if (!value.isWellFormed()) throw invalid(field, "Unicode text", "half of a surrogate pair");
    if (value.startsWith("\ufeff")) {
      throw invalid(field, "text that does not begin with a byte order mark", "a byte order mark");
    }
    if (control.test(value)) throw invalid(field, "text without control characters", "a control character");
    return value;
  };
  const raw = (field: string): TomlValue | undefined => (Object.hasOwn(table, field) ? table[field] : undefined);
  return {
    file,
    has: (field) => Object.hasOwn(table, field),
    raw,
    invalid,
    checkText,
    text(field, min, max) {
      const value = raw(field);
      return value === undefined ? undefined : checkText(value, field, min, max);
    },
    texts(field, [maxItems, maxLength]) {
      const items = listIn(raw(field));
      if (items === undefined) throw invalid(field, "an array of texts", describe(raw(field)));
      const texts = items
        .map((item, index) => checkText(item, `${field}[${index}]`, 0, maxLength))
        .filter((text) => text.trim() !== "");
      const unique = [...new Set(texts)];
      if (unique.length > maxItems) throw invalid(field, `at most ${maxItems} items`, `${unique.length} items`);
      return unique;
    },
  };
}

/** Whether a TOML value is a table. */
export function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function listIn(value: TomlValue | undefined): readonly TomlValue[] | undefined {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value;
  if (!isTable(value)) return undefined;
  const arrays = Object.values(value).filter((item) => Array.isArray(item));
  return arrays.length === 0 ? undefined : arrays.flat();
}

/** A TOML value in a few words. */
export function describe(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Date) return "a date";
  return typeof value === "number" || typeof value === "boolean" ? String(value) : "a table";
}
