import * as fc from "fast-check";
import { isGgenError } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { configKeys, defineConfig, type P2PConfigInput, propertyPath } from "../src/index.ts";
import { refusalOf } from "./errors.ts";
import { peerA, peerB } from "./fixtures.ts";

function thrownBy(action: () => unknown): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error ?? "nothing was thrown as an error";
  }
}

describe("defineConfig", () => {
  it("holds every key of the table that has a default, and no other", () => {
    const config = defineConfig() as unknown as Record<string, Record<string, unknown>>;
    const held = Object.entries(config).flatMap(([table, entries]) =>
      Object.keys(entries).map((name) => `${table}.${name}`),
    );
    const promised = configKeys
      .filter((row) => row.default !== undefined)
      .map(({ key }) => propertyPath(key).join("."));
    expect(held.toSorted()).toEqual(promised.toSorted());
    for (const row of configKeys.filter(({ default: value }) => value !== undefined)) {
      const [table, name] = propertyPath(row.key);
      expect(config[table]?.[name]).toEqual(row.default);
    }
  });

  it("accepts both forms of a bootstrap node and gives multiaddrs", () => {
    const bootstrapNodes = [
      `/ip4/127.0.0.1/tcp/1/p2p/${peerA}`,
      { peerId: peerB, address: "/dns4/example.org/tcp/2" },
      { peerId: peerB, address: `/dns4/example.org/tcp/2/p2p/${peerB}` },
    ];
    expect(defineConfig({ p2p: { bootstrapNodes } }).p2p.bootstrapNodes).toEqual([
      `/ip4/127.0.0.1/tcp/1/p2p/${peerA}`,
      `/dns4/example.org/tcp/2/p2p/${peerB}`,
    ]);
  });

  it("listens once per enabled protocol unless told where", () => {
    expect(defineConfig({ network: { protocols: ["tcp", "websocket", "quic"] } }).p2p.listenAddresses).toEqual([
      "/ip4/0.0.0.0/tcp/0",
      "/ip4/0.0.0.0/tcp/0/ws",
      "/ip4/0.0.0.0/udp/0/quic-v1",
    ]);
    expect(defineConfig({ p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/9"] } }).p2p.listenAddresses).toHaveLength(1);
  });

  const wrong: readonly (readonly [string, P2PConfigInput, string])[] = [
    [
      "a node that contradicts itself",
      { p2p: { bootstrapNodes: [{ peerId: peerA, address: `/ip4/1.1.1.1/tcp/1/p2p/${peerB}` }] } },
      "p2p.bootstrap_nodes",
    ],
    ["neither Noise nor TLS", { security: { noiseEnabled: false, tlsEnabled: false } }, "security.noise_enabled"],
    [
      "a private network over QUIC",
      { security: { privateNetworkKey: "swarm.key" }, network: { protocols: ["tcp", "quic"] } },
      "security.private_network_key",
    ],
    [
      "a private network over WebRTC",
      { security: { privateNetworkKey: "swarm.key" }, network: { protocols: ["webrtc-direct"] } },
      "security.private_network_key",
    ],
    ["no protocol at all", { network: { protocols: [] } }, "network.protocols"],
    ["an unknown protocol", { network: { protocols: ["carrier-pigeon" as "tcp"] } }, "network.protocols"],
    [
      "listening for a protocol that is off",
      { p2p: { listenAddresses: ["/ip4/0.0.0.0/udp/0/quic-v1"] } },
      "p2p.listen_addresses",
    ],
    ["half a place", { location: { latitude: 1 } }, "location.latitude"],
    ["a region without a place", { location: { region: "US-CA" } }, "location.region"],
    ["a place off the Earth", { location: { latitude: 90.1, longitude: 0 } }, "location.latitude"],
    ["gossip of more than history", { gossipsub: { historyGossip: 6 } }, "gossipsub.history_gossip"],
    ["a mesh that cannot be", { gossipsub: { meshNLow: 7 } }, "gossipsub.mesh_n"],
    ["another key type", { security: { keyType: "rsa" as "ed25519" } }, "security.key_type"],
    ["a peer id that is none", { security: { denyPeers: ["12D3KooW"] } }, "security.deny_peers"],
    ["a range that is none", { security: { denyAddresses: ["203.0.113.0/33"] } }, "security.deny_addresses"],
    ["a publisher that is none", { security: { denyPublishers: ["ggen1x"] } }, "security.deny_publishers"],
    ["an ftp URL", { registry: { url: "ftp://example.org/" } }, "registry.url"],
    ["a fraction where a count belongs", { network: { maxConnections: 1.5 } }, "network.max_connections"],
    ["a number that is none", { search: { minReputation: Number.NaN } }, "search.min_reputation"],
    ["a property that is none", { http: { hots: "x" } as object }, "http.hots"],
    ["a table that is none", { htpp: {} } as P2PConfigInput, "htpp"],
  ];
  it.each(wrong)("refuses %s", async (_, input, key) => {
    const error = await refusalOf(() => defineConfig(input), "config.invalid");
    expect(error.message).toContain(key);
  });

  it("accepts what its rows allow: the ends of every range", () => {
    for (const row of configKeys.filter(({ min }) => min !== undefined)) {
      // Coordinates and the mesh are only allowed together.
      if (/^(?:location|gossipsub)\./.test(row.key)) continue;
      const [table, name] = propertyPath(row.key);
      for (const value of [row.min, row.max]) {
        expect(defineConfig({ [table]: { [name]: value } })).toMatchObject({ [table]: { [name]: value } });
      }
    }
  });

  it("throws nothing but its own error, whatever it is given", () => {
    const rows = fc.constantFrom(...configKeys);
    fc.assert(
      fc.property(rows, fc.anything(), (row, value) => {
        const [table, name] = propertyPath(row.key);
        const error = thrownBy(() => defineConfig({ [table]: { [name]: value } }));
        expect(
          error === undefined || isGgenError(error, "config.invalid") || isGgenError(error, "address.invalid"),
        ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
