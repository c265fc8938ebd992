import type { ConfigKey } from "./config-key.ts";
import { networkKeys } from "./network-keys.ts";
import { nodeKeys } from "./node-keys.ts";

/** Every key of the configuration. */
export const configKeys: readonly ConfigKey[] = [...nodeKeys, ...networkKeys];

const byName = new Map(configKeys.map((row) => [row.key, row]));
const tables = new Set(configKeys.map(({ key }) => key.slice(0, key.indexOf("."))));

/** The row of a key, or undefined for an unknown key. */
export function findKey(key: string): ConfigKey | undefined {
  return byName.get(key);
}

/** Whether a name is one of the tables that hold keys, e.g. `p2p`. */
export function isTableName(name: string): boolean {
  return tables.has(name);
}

/** The names under which a key stands in the configuration object: `["p2p", "queryTimeoutSecs"]`. */
export function propertyPath(key: string): readonly [string, string] {
  const [table = "", name = ""] = key.split(".");
  return [table, name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];
}

const mostSuggestedDistance = 4;

/**
 * The known key that an unknown one was probably meant to be.
 * @param key - as written, dotted
 * @returns undefined when nothing is near
 */
export function suggestKey(key: string): string | undefined {
  const written = key.toLowerCase().replaceAll("-", "_").slice(0, 100);
  const last = written.slice(written.lastIndexOf(".") + 1);
  const sameName = configKeys.find((row) => row.key.endsWith(`.${last}`));
  if (sameName !== undefined) return sameName.key;
  let best: string | undefined;
  let bestDistance = Math.min(mostSuggestedDistance, Math.floor(written.length / 3)) + 1;
  for (const row of configKeys) {
    const distance = editDistance(written, row.key);
    if (distance < bestDistance) [best, bestDistance] = [row.key, distance];
  }
  return best;
}

/** Levenshtein's distance: how many letters have to be added, dropped or changed. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, change));
    }
    previous = row;
  }
  return previous.at(-1) ?? 0;
}
