import { describe, expect, it } from "vitest";

import { configKeys, findKey, propertyPath, suggestKey } from "../src/index.ts";

describe("the table of keys", () => {
  it("names every key once, as table.snake_case", () => {
    expect(new Set(configKeys.map(({ key }) => key)).size).toBe(configKeys.length);
    for (const { key, doc } of configKeys) {
      expect(key).toMatch(/^[a-z0-9]+\.[a-z_]+$/);
      expect(doc).toMatch(/^\S.*\.$/);
    }
  });

  it("gives property names in camel case", () => {
    expect(propertyPath("gossipsub.mesh_n_low")).toEqual(["gossipsub", "meshNLow"]);
    expect(propertyPath("dht.provider_record_ttl")).toEqual(["dht", "providerRecordTtl"]);
    expect(findKey("nothing.at_all")).toBeUndefined();
  });

  it.each([
    ["p2p.bootstrap_node", "p2p.bootstrap_nodes"],
    ["p2p.max_connections", "network.max_connections"],
    ["network.max-connections", "network.max_connections"],
    ["cache.max_sizemb", "cache.max_size_mb"],
    ["dht_server_mode", "p2p.dht_server_mode"],
    ["completely.different.words", undefined],
    ["x", undefined],
  ])("suggests for %s: %s", (written, meant) => {
    expect(suggestKey(written)).toBe(meant);
  });
});
