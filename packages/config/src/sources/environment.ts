import type { Setting } from "../build-config.ts";
import { configKeys } from "../keys/config-keys.ts";
import type { ConfigKey } from "../keys/config-key.ts";
import type { Environment } from "./home.ts";

/**
 * What the environment says about the configuration. A variable that is set to nothing counts as unset.
 * @param env - the environment
 */
export function settingsOfEnvironment(env: Environment): readonly Setting[] {
  return configKeys.flatMap((row): Setting[] => {
    const name = row.environment;
    const text = name === undefined ? undefined : env[name]?.trim();
    if (name === undefined || text === undefined || text === "") return [];
    return [{ key: row.key, value: readVariable(row, text), source: "environment", where: () => name }];
  });
}

function readVariable(row: ConfigKey, text: string): unknown {
  if (row.type === "list") {
    return text
      .split(",")
      .map((item) => item.trim())
      .filter((item) => item !== "");
  }
  if (row.type === "boolean")
    return (
      new Map([
        ["true", true],
        ["1", true],
        ["false", false],
        ["0", false],
      ]).get(text.toLowerCase()) ?? text
    );
  return text;
}
