import type { NodeApi } from "@ggen/p2p-types";

/**
 * An api in which some methods are replaced.
 * @param api - answers everything else
 * @param replacements - called instead
 */
export function overrideApi(api: NodeApi, replacements: Partial<NodeApi>): NodeApi {
  return new Proxy(api, {
    get(target, name) {
      const replaced = Reflect.get(replacements, name) as unknown;
      if (replaced !== undefined) return replaced;
      const value = Reflect.get(target, name, target) as unknown;
      return typeof value === "function" ? (value as (...args: readonly unknown[]) => unknown).bind(target) : value;
    },
  });
}
