/** A value as it stands in a configuration: what TOML, an environment variable or a flag can say. */
export type ConfigValue = boolean | number | string | readonly string[];

/** What a text, or each text of a list, has to be. */
export type ConfigFormat =
  | "address"
  | "bootstrap-node"
  | "directory-url"
  | "host"
  | "ip-range"
  | "name"
  | "path"
  | "peer-id"
  | "protocol-name"
  | "publisher-id";

/** One row of the configuration table, from which parsing, checking and the reference page are derived. */
export interface ConfigKey {
  /** As written in TOML, dotted: `p2p.query_timeout_secs`. */
  readonly key: string;
  readonly type: "boolean" | "integer" | "number" | "text" | "list";
  readonly format?: ConfigFormat;
  /** The unit of a number, for people. */
  readonly unit?: string;
  /** Bounds of a number, both included. */
  readonly min?: number;
  readonly max?: number;
  /** The only texts allowed. */
  readonly choices?: readonly string[];
  /** Absent when the key is unset unless someone sets it. */
  readonly default?: ConfigValue;
  /** One sentence for the reference page. */
  readonly doc: string;
  /** The environment variable that sets it. */
  readonly environment?: string;
  /** The flag of the CLI that sets it. */
  readonly flag?: string;
}

type Extra = Pick<ConfigKey, "environment" | "flag" | "format">;

/** A row of type boolean. */
export function booleanKey(key: string, value: boolean, doc: string, extra: Extra = {}): ConfigKey {
  return { key, type: "boolean", default: value, doc, ...extra };
}

/** A row of type integer; `range` and `unit` as in {@link ConfigKey}. */
export function integerKey(
  key: string,
  value: number,
  [min, max]: readonly [number, number],
  unit: string,
  doc: string,
  extra: Extra = {},
): ConfigKey {
  return { key, type: "integer", default: value, min, max, unit, doc, ...extra };
}

/** A row of type number; without default when `value` is undefined. */
export function numberKey(
  key: string,
  value: number | undefined,
  [min, max]: readonly [number, number],
  unit: string,
  doc: string,
  extra: Extra = {},
): ConfigKey {
  return { key, type: "number", ...(value === undefined ? {} : { default: value }), min, max, unit, doc, ...extra };
}

/** A row of type text; without default when `value` is undefined. */
export function textKey(
  key: string,
  value: string | undefined,
  format: ConfigFormat,
  doc: string,
  extra: Extra = {},
): ConfigKey {
  return { key, type: "text", ...(value === undefined ? {} : { default: value }), doc, ...extra, format };
}

/** A row that takes one of a few texts. */
export function choiceKey(key: string, choices: readonly [string, ...string[]], value: string, doc: string): ConfigKey {
  return { key, type: "text", default: value, choices, doc };
}

/** A row of type list, empty unless set. */
export function listKey(key: string, format: ConfigFormat, doc: string, extra: Extra = {}): ConfigKey {
  return { key, type: "list", default: [], doc, ...extra, format };
}
