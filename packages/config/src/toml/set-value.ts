import { isDeepStrictEqual } from "node:util";

import { GgenError } from "@ggen/p2p-types";
import { parse, stringify } from "smol-toml";

import { checkValue } from "../check/check-value.ts";
import { locate, problemsError } from "../check/problem.ts";
import type { ConfigKey, ConfigValue } from "../keys/config-key.ts";
import { findKey, suggestKey } from "../keys/config-keys.ts";
import { parseToml } from "./parse-file.ts";
import { scanToml } from "./scan.ts";

/**
 * Sets one key in the text of a configuration file; comments and every other line stay as they are.
 * @param text - the file as it is; empty when there is none yet
 * @param key - dotted, e.g. `cache.max_size_mb`
 * @param valueText - as a person types it: `true`, `200`, `US-CA`, `a,b` or `["a", "b"]` for a list
 * @returns the new text
 * @throws GgenError `config.invalid` when the key is unknown, the value not one of its values, or the text not TOML
 * @throws GgenError `address.invalid`
 */
export function setConfigValue(text: string, key: string, valueText: string): string {
  const row = findKey(key);
  if (row === undefined) {
    const suggestion = suggestKey(key);
    const expected = suggestion ?? "a key that ggen config show lists";
    const what = "is not a configuration key";
    const problem = { code: "config.invalid", key, where: "config set", what, expected, got: key } as const;
    throw problemsError([{ ...problem, ...(suggestion === undefined ? {} : { suggestion }) }]);
  }
  const checked = checkValue(row, readValue(row, valueText.trim()));
  if (checked.value === undefined) {
    throw problemsError(checked.problems.map((problem) => locate(problem, key, "config set")));
  }
  const before = parseToml(text, "the file");
  const after = replace(text, key, literal(checked.value));
  if (after === undefined || !onlyDiffers(before, after, key, checked.value)) {
    throw new GgenError("config.invalid", `${key} cannot be set in the file as it is written`, {
      expected: "tables written as [table] with one key a line",
      got: "an inline table, or a table that is written twice",
      hint: "Change the file with an editor.",
    });
  }
  return after;
}

function readValue(row: ConfigKey, text: string): unknown {
  if (row.type === "list" && !text.startsWith("[")) {
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }
  if (row.type === "text" && !/^["']/.test(text)) return text;
  try {
    const { value } = parse(`value = ${text}`);
    return value;
  } catch {
    return text;
  }
}

function literal(value: ConfigValue): string {
  return stringify({ value }).trim().slice("value = ".length);
}

function replace(text: string, key: string, value: string): string | undefined {
  const [table = "", name = ""] = key.split(".");
  const { statements, headers } = scanToml(text);
  const statement = statements.find(({ path }) => path.join(".") === key);
  if (statement !== undefined) return text.slice(0, statement.start) + value + text.slice(statement.end);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const header = headers.find(({ path }) => path.length === 1 && path[0] === table);
  if (header === undefined) {
    const gap = text === "" ? "" : text.endsWith("\n") ? newline : newline + newline;
    return `${text}${gap}[${table}]${newline}${name} = ${value}${newline}`;
  }
  const lineEnd = text.indexOf("\n", header.end);
  if (lineEnd === -1) return `${text}${newline}${name} = ${value}${newline}`;
  return `${text.slice(0, lineEnd + 1)}${name} = ${value}${newline}${text.slice(lineEnd + 1)}`;
}

/** Whether a text says what another said but for one key: what makes an edit safe whatever the scanner thought. */
function onlyDiffers(before: object, after: string, key: string, value: ConfigValue): boolean {
  const [table = "", name = ""] = key.split(".");
  const expected = structuredClone(before) as Record<string, Record<string, unknown>>;
  const entries = (expected[table] ??= {});
  entries[name] = value;
  try {
    const plain = (parsed: object): unknown => JSON.parse(JSON.stringify(parsed));
    return isDeepStrictEqual(plain(parse(after)), plain(expected));
  } catch {
    return false;
  }
}
