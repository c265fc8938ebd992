import { GgenError, type LogLevel, logLevels } from "@ggen/p2p-types";

import type { Environment } from "./home.ts";

/** How much of which log is written. */
export interface LogSpec {
  /** For every name that is not in `names`. */
  readonly level: LogLevel | "off";
  /** Name of a log → its level; it also holds for the logs below, `node` for `node:sync`. */
  readonly names: ReadonlyMap<string, LogLevel | "off">;
}

const defaultLevel = "info";
const maxSpecLength = 4096;
const namePattern = /^[A-Za-z0-9_.:*-]{1,100}$/;

/**
 * Parses `GGEN_LOG`: a level, `name=level` pairs, or both, comma-separated.
 * @param text - e.g. `info`, `warn,node:sync=debug`
 * @throws GgenError `config.invalid`
 */
export function parseLogSpec(text: string): LogSpec {
  return readSpec(text, (part) => {
    throw new GgenError("config.invalid", `GGEN_LOG: "${part.slice(0, 120)}" is not a level`, {
      expected: `off, ${logLevels.join(", ")}, or name=level pairs, comma-separated`,
      got: JSON.stringify(text.slice(0, 200)),
    });
  });
}

/**
 * What the environment says about the log: `GGEN_LOG`, else `RUST_LOG`, of which only the understood parts count,
 * because other programs read it too.
 * @param env - the environment
 * @throws GgenError `config.invalid` for a wrong `GGEN_LOG`
 */
export function logSpecOfEnvironment(env: Environment): LogSpec {
  const own = env["GGEN_LOG"]?.trim();
  if (own !== undefined && own !== "") return parseLogSpec(own);
  return readSpec(env["RUST_LOG"] ?? "", () => {});
}

/**
 * The level of a log.
 * @param name - e.g. `node:sync`; the longest named beginning of it decides
 */
export function levelOf(spec: LogSpec, name: string): LogLevel | "off" {
  for (let prefix = name; prefix !== ""; prefix = prefix.slice(0, Math.max(0, prefix.lastIndexOf(":")))) {
    const level = spec.names.get(prefix);
    if (level !== undefined) return level;
  }
  return spec.level;
}

function readSpec(text: string, refuse: (part: string) => void): LogSpec {
  const names = new Map<string, LogLevel | "off">();
  let level: LogLevel | "off" = defaultLevel;
  if (text.length > maxSpecLength) {
    refuse(`${text.length} characters`);
    return { level, names };
  }
  for (const part of text.split(",").map((item) => item.trim())) {
    if (part === "") continue;
    const [name = "", value, ...rest] = part.split("=");
    const read = readLevel(value ?? name);
    if (read === undefined || rest.length > 0 || (value !== undefined && !namePattern.test(name))) refuse(part);
    else if (value === undefined) level = read;
    else names.set(name.replaceAll("::", ":"), read);
  }
  return { level, names };
}

function readLevel(text: string): LogLevel | "off" | undefined {
  const word = text.trim().toLowerCase();
  return word === "off" ? "off" : logLevels.find((level) => level === word);
}
