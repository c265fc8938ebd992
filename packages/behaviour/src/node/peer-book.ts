import type { IdentifyResult, Libp2p } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";

import type { BehaviourPeer } from "../behaviour.ts";
import type { PeerDiscovery } from "../discovery/peer-discovery.ts";
import { groupOf, ipOf } from "./address-group.ts";
import { isPublicAddress } from "./reachability.ts";

/** What a peer said of itself. */
interface KnownPeer {
  readonly addresses: readonly string[];
  readonly protocols: readonly string[];
  readonly agent: string | undefined;
}

/** Peers remembered; those that are not connected and were heard of longest ago are forgotten beyond. */
const maxKnownPeers = 2048;
const maxAgentLength = 100;

/** The peers of a node: connected, and known from before. Kept in memory so that it can be read at once. */
export class PeerBook {
  readonly #libp2p: Libp2p;
  readonly #known = new Map<string, KnownPeer>();
  readonly #synced = new Set<string>();
  #isReached = false;

  constructor(libp2p: Libp2p) {
    this.#libp2p = libp2p;
  }

  /** Peers that are or were known. */
  get size(): number {
    return this.#known.size;
  }

  /** Whether a peer from a public address has connected to this node. */
  get isReached(): boolean {
    return this.#isReached;
  }

  /** Takes in what an earlier run knew. @returns addresses of each peer, dialable */
  async recall(): Promise<string[][]> {
    const recalled: string[][] = [];
    for (const { id, addresses, protocols, metadata } of await this.#libp2p.peerStore.all()) {
      if (id.equals(this.#libp2p.peerId) || addresses.length === 0) continue;
      const full = toFull(
        addresses.map(({ multiaddr }) => multiaddr.toString()),
        id.toString(),
      );
      const agent = metadata.get("AgentVersion");
      const text = agent === undefined ? undefined : new TextDecoder().decode(agent).slice(0, maxAgentLength);
      this.#remember(id.toString(), { addresses: full, protocols, agent: text });
      recalled.push(full);
    }
    return recalled;
  }

  /** A peer said who it is. */
  onIdentify({ peerId, listenAddrs, protocols, agentVersion, connection }: IdentifyResult): void {
    const id = peerId.toString();
    this.#remember(id, {
      addresses: toFull(listenAddrs.slice(0, 32).map(String), id),
      protocols: protocols.slice(0, 64),
      agent: agentVersion?.slice(0, maxAgentLength),
    });
    if (connection.direction === "inbound" && isPublicAddress(connection.remoteAddr)) this.#isReached = true;
  }

  onDisconnect(peerId: string): void {
    this.#synced.delete(peerId);
  }

  /** Notes whether a peer's catalogue and ours are equal. */
  setSynced(peerId: string, isSynced: boolean): void {
    if (isSynced && this.isConnected(peerId)) this.#synced.add(peerId);
    else this.#synced.delete(peerId);
  }

  isConnected(peerId: string): boolean {
    return this.#libp2p.getConnections(peerIdFromString(peerId)).length > 0;
  }

  /** The network from which a peer is connected; an address that was dialled says more than where one came from. */
  addressGroup(peerId: string): string | undefined {
    const connections = this.#libp2p.getConnections(peerIdFromString(peerId));
    const chosen = connections.find(({ direction }) => direction === "outbound") ?? connections[0];
    const host = chosen === undefined ? undefined : ipOf(chosen.remoteAddr);
    return host === undefined ? undefined : groupOf(host);
  }

  connected(): string[] {
    return this.#libp2p.getPeers().map(String);
  }

  /** Connected peers that speak a protocol, in random order. @param random - numbers in [0, 1) */
  speakers(protocol: string, random: () => number): string[] {
    return this.connected()
      .filter((peerId) => this.#known.get(peerId)?.protocols.includes(protocol) === true)
      .map((peerId) => ({ peerId, order: random() }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ peerId }) => peerId);
  }

  list(discovery: PeerDiscovery): BehaviourPeer[] {
    const ids = new Set([...this.connected(), ...this.#known.keys()]);
    return [...ids].map((peerId) => this.#describe(peerId, discovery));
  }

  #describe(peerId: string, discovery: PeerDiscovery): BehaviourPeer {
    const connections = this.#libp2p.getConnections(peerIdFromString(peerId));
    const [connection] = connections;
    const known = this.#known.get(peerId);
    const latencies = connections.map(({ rtt }) => rtt).filter((rtt) => rtt !== undefined);
    // The address of an inbound connection is where it came from, not where it can be dialled.
    const dialled = connection?.direction === "outbound" ? [connection.remoteAddr.toString()] : [];
    return {
      peerId,
      addresses: toFull([...dialled, ...(known?.addresses ?? [])], peerId),
      connected: connection !== undefined,
      ...(connection === undefined
        ? {}
        : { direction: connection.direction, connectedSince: connection.timeline.open }),
      ...(latencies.length === 0 ? {} : { latencyMs: Math.min(...latencies) }),
      ...(connection?.encryption === undefined ? {} : { encryption: connection.encryption }),
      ...(connection?.multiplexer === undefined ? {} : { multiplexer: connection.multiplexer }),
      ...(known?.agent === undefined ? {} : { agent: known.agent }),
      protocols: known?.protocols ?? [],
      discoveredBy: discovery.methodOf(peerId) ?? (connection?.direction === "inbound" ? "manual" : "dht"),
      synced: connection !== undefined && this.#synced.has(peerId),
    };
  }

  #remember(peerId: string, peer: KnownPeer): void {
    this.#known.delete(peerId);
    this.#known.set(peerId, peer);
    if (this.#known.size <= maxKnownPeers) return;
    for (const id of this.#known.keys()) {
      if (this.isConnected(id)) continue;
      this.#known.delete(id);
      return;
    }
  }
}

function toFull(addresses: readonly string[], peerId: string): string[] {
  return [...new Set(addresses.map((address) => (address.includes("/p2p/") ? address : `${address}/p2p/${peerId}`)))];
}
