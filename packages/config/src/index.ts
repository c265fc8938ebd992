/**
 * One validated, frozen configuration of a ggen node out of defaults, a file, the environment and flags.
 *
 * @packageDocumentation
 */
export type { ConfigOrigin } from "./build-config.ts";
export { parseAddress, peerIdOf, transportOf, whyUnreachable } from "./check/address.ts";
export { peerIdKind } from "./check/peer-id.ts";
export type {
  BootstrapNode,
  KeyType,
  NetworkConfig,
  P2PConfig,
  P2PConfigInput,
  Protocol,
  SecurityConfig,
} from "./config.ts";
export { defineConfig } from "./define-config.ts";
export type { ConfigFormat, ConfigKey, ConfigValue } from "./keys/config-key.ts";
export { configKeys, findKey, propertyPath, suggestKey } from "./keys/config-keys.ts";
export { loadConfig, type LoadConfigParams, type LoadedConfig, maxConfigBytes } from "./load-config.ts";
export { type Environment, resolveHome } from "./sources/home.ts";
export { levelOf, type LogSpec, logSpecOfEnvironment, parseLogSpec } from "./sources/log-spec.ts";
export { setConfigValue } from "./toml/set-value.ts";
