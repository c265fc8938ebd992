import { isGgenError } from "@ggen/p2p-types";

import type { ConfigKey, ConfigValue } from "../keys/config-key.ts";
import { parseAddress, peerIdOf } from "./address.ts";
import { textFormats } from "./formats.ts";
import { showValue, type ValueProblem } from "./problem.ts";

/** A checked value in canonical form, or what is wrong with it. */
export type CheckedValue =
  | { readonly value: ConfigValue; readonly problems: readonly [] }
  | { readonly value?: undefined; readonly problems: readonly ValueProblem[] };

const maxListLength = 1000;

/** What a key takes, for people: `an integer from 1 to 600 (s)`. */
export function expectedOf(row: ConfigKey): string {
  const range = row.min === undefined ? "" : ` from ${row.min} to ${row.max}`;
  switch (row.type) {
    case "boolean":
      return "true or false";
    case "integer":
      return `an integer${range}`;
    case "number":
      return `a number${range}`;
    case "list":
      return `a list of ${row.choices === undefined ? "texts" : row.choices.join(", ")}`;
    default:
      return row.choices === undefined ? "a text" : row.choices.map((choice) => `"${choice}"`).join(" or ");
  }
}

/**
 * Checks a value against its row.
 * @param row - a row of the table
 * @param raw - as TOML, a flag or a library user gave it
 */
export function checkValue(row: ConfigKey, raw: unknown): CheckedValue {
  switch (row.type) {
    case "boolean":
      return typeof raw === "boolean" ? { value: raw, problems: [] } : wrongType(row, raw);
    case "integer":
    case "number":
      return checkNumber(row, raw);
    case "list":
      return checkList(row, raw);
    default: {
      if (typeof raw !== "string") return wrongType(row, raw);
      const item = checkItem(row, raw);
      return typeof item === "string" ? { value: item, problems: [] } : { problems: [item] };
    }
  }
}

function wrongType(row: ConfigKey, raw: unknown): CheckedValue {
  const problem = { what: "is of the wrong type", expected: expectedOf(row), got: showValue(raw) };
  return { problems: [{ code: "config.invalid", ...problem }] };
}

function checkNumber(row: ConfigKey, raw: unknown): CheckedValue {
  if (typeof raw !== "number" || (row.type === "integer" && Number.isFinite(raw) && !Number.isInteger(raw))) {
    return wrongType(row, raw);
  }
  if (!(raw >= (row.min ?? -Infinity) && raw <= (row.max ?? Infinity))) {
    return {
      problems: [{ code: "config.invalid", what: "is out of range", expected: expectedOf(row), got: String(raw) }],
    };
  }
  return { value: raw, problems: [] };
}

function checkList(row: ConfigKey, raw: unknown): CheckedValue {
  if (!Array.isArray(raw)) return wrongType(row, raw);
  if (raw.length > maxListLength) {
    const expected = `at most ${maxListLength} items`;
    return { problems: [{ code: "config.invalid", what: "is too long", expected, got: String(raw.length) }] };
  }
  const items = raw.map((item: unknown) => checkItem(row, item));
  const problems = items.filter((item) => typeof item !== "string");
  if (problems.length > 0) return { problems };
  return { value: [...new Set(items.filter((item) => typeof item === "string"))], problems: [] };
}

function checkItem(row: ConfigKey, raw: unknown): string | ValueProblem {
  if (row.format === "bootstrap-node") return checkBootstrapNode(raw);
  if (typeof raw !== "string") {
    return { code: "config.invalid", what: "is of the wrong type", expected: expectedOf(row), got: showValue(raw) };
  }
  if (row.format === "address") return checkAddress(raw);
  if (row.choices !== undefined) {
    if (row.choices.includes(raw)) return raw;
    const expected = row.choices.map((choice) => `"${choice}"`).join(" or ");
    return { code: "config.invalid", what: "is not one of its values", expected, got: showValue(raw), part: raw };
  }
  const format = textFormats[row.format ?? "name"];
  if (format.is(raw)) return raw;
  return { code: "config.invalid", what: "is not valid", expected: format.expected, got: showValue(raw), part: raw };
}

function checkAddress(text: string): string | ValueProblem {
  try {
    return parseAddress(text);
  } catch (error) {
    if (!isGgenError(error, "address.invalid")) throw error;
    const expected = error.expected ?? "a multiaddr";
    const got = `${showValue(text)}: ${error.got ?? error.message}`;
    return { code: "address.invalid", what: "holds an address that cannot be parsed", expected, got, part: text };
  }
}

function checkBootstrapNode(raw: unknown): string | ValueProblem {
  if (typeof raw === "string") return checkAddress(raw);
  const fields = typeof raw === "object" && raw !== null ? new Map<string, unknown>(Object.entries(raw)) : new Map();
  const address: unknown = fields.get("address");
  const peerId: unknown = fields.get("peerId") ?? fields.get("peer_id");
  if (fields.size !== 2 || typeof address !== "string" || typeof peerId !== "string") {
    const expected = "a multiaddr, or a peer id and an address";
    return { code: "config.invalid", what: "is of the wrong type", expected, got: showValue(raw) };
  }
  const parsed = checkAddress(address);
  if (typeof parsed !== "string") return parsed;
  const named = peerIdOf(parsed);
  if (named === undefined) return checkAddress(`${parsed}/p2p/${peerId}`);
  if (named === peerId) return parsed;
  const contradiction = {
    what: "holds a node that contradicts itself",
    expected: `${peerId} at the end of the address`,
  };
  return { code: "config.invalid", ...contradiction, got: named, part: address };
}
