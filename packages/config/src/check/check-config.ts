import type { P2PConfig, Protocol } from "../config.ts";
import { transportOf, whyUnreachable } from "./address.ts";
import type { ConfigProblem } from "./problem.ts";

/** A contradiction between keys, named by the key to correct. */
export type Contradiction = Omit<ConfigProblem, "where">;

/** The rules that concern more than one key. */
export function findContradictions(config: P2PConfig): readonly Contradiction[] {
  const { security, network, gossipsub, p2p } = config;
  const found: Contradiction[] = [];
  const refuse = (key: string, what: string, expected: string, got: string): void => {
    found.push({ code: "config.invalid", key, what, expected, got });
  };
  if (!security.noiseEnabled && !security.tlsEnabled) {
    refuse(
      "security.noise_enabled",
      "and security.tls_enabled are both off",
      "at least one of them true",
      "both false",
    );
  }
  const cannotBePrivate = network.protocols.filter((name) => name === "quic" || name === "webrtc-direct");
  if (security.privateNetworkKey !== undefined && cannotBePrivate.length > 0) {
    const expected = "network.protocols of tcp and websocket only: the others cannot be private";
    refuse("security.private_network_key", "cannot cover an enabled protocol", expected, cannotBePrivate.join(", "));
  }
  if (network.protocols.length === 0) refuse("network.protocols", "is empty", "at least one protocol", "none");
  if (gossipsub.historyGossip > gossipsub.historyLength) {
    const expected = `at most gossipsub.history_length, ${gossipsub.historyLength}`;
    refuse("gossipsub.history_gossip", "is out of range", expected, String(gossipsub.historyGossip));
  }
  if (gossipsub.meshNLow > gossipsub.meshN || gossipsub.meshN > gossipsub.meshNHigh) {
    const got = `${gossipsub.meshNLow}, ${gossipsub.meshN}, ${gossipsub.meshNHigh}`;
    refuse("gossipsub.mesh_n", "is out of range", "mesh_n_low ≤ mesh_n ≤ mesh_n_high", got);
  }
  for (const address of p2p.listenAddresses) {
    const transport = transportOf(address);
    if (transport === "any") continue;
    if (transport === undefined || !network.protocols.includes(transport)) {
      const expected = `addresses of the enabled protocols (network.protocols: ${network.protocols.join(", ")})`;
      refuse("p2p.listen_addresses", "holds an address of a protocol that is not enabled", expected, address);
    }
  }
  return found;
}

/**
 * What does not stop a node but its owner should know: addresses to which no connection can come about, and settings that
 * this version reads but does not act on.
 */
export function findWarnings(config: P2PConfig): readonly string[] {
  const unreachable = config.p2p.bootstrapNodes.flatMap((address) => {
    const reason = whyUnreachable(address, config.network.protocols);
    return reason === undefined ? [] : [`p2p.bootstrap_nodes: ${address} cannot be reached: ${reason}`];
  });
  return [...unreachable, ...withoutEffect(config)];
}

function withoutEffect({ registry, dht }: P2PConfig): string[] {
  const settings: readonly (readonly [boolean, string])[] = [
    [registry.url !== undefined, "registry.url: a static index is not read by this version; packages come from peers"],
    [dht.amino, "dht.amino: the public IPFS DHT is not used by this version; give a bootstrap node"],
  ];
  return settings.filter(([applies]) => applies).map(([, text]) => text);
}

/** Where a node listens for a protocol unless it is told. */
export const defaultListenAddress: Readonly<Record<Protocol, string>> = {
  tcp: "/ip4/0.0.0.0/tcp/0",
  websocket: "/ip4/0.0.0.0/tcp/0/ws",
  quic: "/ip4/0.0.0.0/udp/0/quic-v1",
  "webrtc-direct": "/ip4/0.0.0.0/udp/0/webrtc-direct",
};
