import { buildConfig, type Setting } from "./build-config.ts";
import type { P2PConfig, P2PConfigInput } from "./config.ts";
import { configKeys, isTableName, propertyPath } from "./keys/config-keys.ts";

const keyOfProperty = new Map(configKeys.map(({ key }) => [propertyPath(key).join("."), key]));

/**
 * A configuration made in code: checked, completed with defaults, frozen. Reads neither files nor the environment.
 * @param input - what differs from the defaults; a bootstrap node may be a multiaddr or a {@link BootstrapNode}
 * @throws GgenError `config.invalid`, `address.invalid`
 */
export function defineConfig(input: P2PConfigInput = {}): P2PConfig {
  const settings: Setting[] = [];
  const add = (property: string, value: unknown): void => {
    if (value === undefined) return;
    const key = keyOfProperty.get(property) ?? property;
    settings.push({ key, value, source: "flag", where: () => `defineConfig: ${property}` });
  };
  for (const [table, entries] of Object.entries(input)) {
    const isTable = typeof entries === "object" && entries !== null && !Array.isArray(entries);
    if (!isTable || !isTableName(table)) add(table, entries);
    else for (const [name, value] of Object.entries(entries)) add(`${table}.${name}`, value);
  }
  return buildConfig(settings).config;
}
