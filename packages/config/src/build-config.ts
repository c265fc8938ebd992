import { checkValue } from "./check/check-value.ts";
import { defaultListenAddress, findContradictions } from "./check/check-config.ts";
import { type ConfigProblem, locate, problemsError, showValue } from "./check/problem.ts";
import type { P2PConfig } from "./config.ts";
import type { ConfigValue } from "./keys/config-key.ts";
import { configKeys, findKey, isTableName, propertyPath, suggestKey } from "./keys/config-keys.ts";

/** Where the value of a key came from. */
export interface ConfigOrigin {
  readonly source: "default" | "file" | "environment" | "flag";
  /** `FILE:LINE`, the variable, the flag; for a default `built in`. */
  readonly where: string;
}

/** One thing that someone said about the configuration, not yet checked. */
export interface Setting {
  /** As written, dotted. */
  readonly key: string;
  readonly value: unknown;
  readonly source: ConfigOrigin["source"];
  /** Where it was said; of a part of the value when that is given. */
  where(part?: string): string;
}

/**
 * Builds a configuration out of settings, later ones beating earlier ones. Every setting is checked, also those that
 * are beaten.
 * @throws GgenError `config.invalid`, `address.invalid`
 */
export function buildConfig(settings: readonly Setting[]): {
  readonly config: P2PConfig;
  readonly origins: ReadonlyMap<string, ConfigOrigin>;
} {
  const values = new Map<string, ConfigValue>();
  const origins = new Map<string, ConfigOrigin>();
  const problems: ConfigProblem[] = [];
  for (const row of configKeys) {
    if (row.default !== undefined) values.set(row.key, row.default);
    origins.set(row.key, { source: "default", where: "built in" });
  }
  for (const setting of settings) {
    const { key, value, source } = setting;
    const row = findKey(key);
    if (isTableName(key)) {
      const what = "is a table, not a value";
      problems.push({
        code: "config.invalid",
        key,
        where: setting.where(),
        what,
        expected: `[${key}]`,
        got: showValue(value),
      });
      continue;
    }
    if (row === undefined) {
      const suggestion = suggestKey(key);
      const what = "is not a configuration key";
      problems.push({
        code: "config.invalid",
        key,
        where: setting.where(),
        what,
        expected: suggestion ?? "a key that ggen config show lists",
        got: key,
        ...(suggestion === undefined ? {} : { suggestion }),
      });
      continue;
    }
    const checked = checkValue(row, value);
    for (const problem of checked.problems) problems.push(locate(problem, key, setting.where(problem.part)));
    if (checked.value === undefined) continue;
    values.set(key, checked.value);
    origins.set(key, { source, where: setting.where() });
  }
  if (problems.length > 0) throw problemsError(problems);
  const config = toConfig(values, origins.get("p2p.listen_addresses")?.source === "default");
  const contradictions = [...findContradictions(config), ...locationProblems(values)];
  if (contradictions.length > 0) {
    throw problemsError(
      contradictions.map((problem) => locate(problem, problem.key, origins.get(problem.key)?.where ?? "built in")),
    );
  }
  return { config: deepFreeze(config), origins };
}

function locationProblems(values: ReadonlyMap<string, ConfigValue>): Omit<ConfigProblem, "where">[] {
  const names = ["location.latitude", "location.longitude", "location.region"];
  const given = names.filter((key) => values.has(key));
  const missing = names.slice(0, 2).filter((key) => !values.has(key));
  const [key] = given;
  if (key === undefined || missing.length === 0) return [];
  const expected = `${missing.join(" and ")} beside it`;
  return [{ code: "config.invalid", key, what: "is not a place by itself", expected, got: given.join(" and ") }];
}

function toConfig(values: ReadonlyMap<string, ConfigValue>, defaultListen: boolean): P2PConfig {
  const config: Record<string, Record<string, ConfigValue>> = {};
  for (const { key } of configKeys) {
    const [table, name] = propertyPath(key);
    const entries = (config[table] ??= {});
    const value = values.get(key);
    if (value !== undefined) entries[name] = value;
  }
  if (!values.has("location.latitude") || !values.has("location.longitude")) delete config["location"];
  // The table of keys has been checked against every value, and a test holds table and type equal.
  const typed = config as unknown as P2PConfig;
  if (!defaultListen) return typed;
  const listenAddresses = typed.network.protocols.map((name) => defaultListenAddress[name]);
  return { ...typed, p2p: { ...typed.p2p, listenAddresses } };
}

function deepFreeze<T extends object>(value: T): T {
  for (const part of Object.values(value)) {
    if (typeof part === "object" && part !== null) deepFreeze(part as object);
  }
  return Object.freeze(value);
}
