import { constants, open } from "node:fs/promises";
import { join, resolve } from "node:path";

import { GgenError, systemReason } from "@ggen/p2p-types";

import { buildConfig, type ConfigOrigin, type Setting } from "./build-config.ts";
import { findWarnings } from "./check/check-config.ts";
import type { P2PConfig } from "./config.ts";
import { findKey } from "./keys/config-keys.ts";
import { settingsOfEnvironment } from "./sources/environment.ts";
import { type Environment, resolveHome } from "./sources/home.ts";
import { type LogSpec, logSpecOfEnvironment } from "./sources/log-spec.ts";
import { settingsOfToml } from "./toml/parse-file.ts";

/** Largest configuration file in bytes. */
export const maxConfigBytes: number = 1024 * 1024;

/** Where {@link loadConfig} looks. */
export interface LoadConfigParams {
  /** The folder of the node; when absent, from the environment. */
  readonly home?: string;
  /** The file to read; when absent, `config.toml` in the home, which need not exist. */
  readonly file?: string;
  /** The environment: `process.env`. */
  readonly env: Environment;
  /** Key, dotted as in TOML → value of a flag; undefined values are left out. */
  readonly flags?: Readonly<Record<string, unknown>>;
}

/** A configuration with where it came from. */
export interface LoadedConfig {
  readonly config: P2PConfig;
  /** Absolute. */
  readonly home: string;
  /** Absolute; absent when no file was read. */
  readonly file?: string;
  /** For every key of the table. */
  readonly origins: ReadonlyMap<string, ConfigOrigin>;
  /** What does not stop the node but its owner should know. */
  readonly warnings: readonly string[];
  /** What `GGEN_LOG` and `RUST_LOG` say. */
  readonly log: LogSpec;
}

/**
 * Loads the configuration: defaults, beaten by the file, beaten by the environment, beaten by flags.
 * @throws GgenError `config.invalid` naming every wrong value with its place
 * @throws GgenError `address.invalid` when only addresses are wrong
 * @throws GgenError `config.unreadable` when the file cannot be read, or is named and does not exist
 */
export async function loadConfig(params: LoadConfigParams): Promise<LoadedConfig> {
  const { env, flags = {} } = params;
  const home = resolve(params.home ?? resolveHome(env));
  const path = resolve(params.file ?? join(home, "config.toml"));
  const text = await readText(path, params.file !== undefined);
  const { config, origins } = buildConfig([
    ...(text === undefined ? [] : settingsOfToml(text, path)),
    ...settingsOfEnvironment(env),
    ...settingsOfFlags(flags),
  ]);
  const log = logSpecOfEnvironment(env);
  return { config, home, ...(text === undefined ? {} : { file: path }), origins, warnings: findWarnings(config), log };
}

function settingsOfFlags(flags: Readonly<Record<string, unknown>>): readonly Setting[] {
  return Object.entries(flags).flatMap(([key, value]): Setting[] => {
    if (value === undefined) return [];
    return [{ key, value, source: "flag", where: () => findKey(key)?.flag ?? `flag for ${key}` }];
  });
}

async function readText(path: string, named: boolean): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    // Without waiting: opening a named pipe would otherwise last until someone writes into it.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const stat = await file.stat();
    if (!stat.isFile()) throw new RangeError("it is not a regular file");
    // One byte more than allowed, so that a file that grows meanwhile is noticed too.
    const buffer = new Uint8Array(Math.min(stat.size, maxConfigBytes) + 1);
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, 0);
    bytes = buffer.subarray(0, bytesRead);
  } catch (cause) {
    // A home below a file has no configuration either; whoever makes the home says what is wrong with it.
    if (!named && ["ENOENT", "ENOTDIR"].includes((cause as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw new GgenError("config.unreadable", `${path} cannot be read`, {
      expected: "a file that this user may read",
      got: systemReason(cause),
      cause,
    });
  }
  if (bytes.byteLength > maxConfigBytes) {
    throw new GgenError("config.invalid", `${path} is too large for a configuration`, {
      expected: `at most ${maxConfigBytes} bytes`,
      got: "more",
    });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new GgenError("config.invalid", `${path} is not text`, { expected: "UTF-8", got: "other bytes", cause });
  }
}
