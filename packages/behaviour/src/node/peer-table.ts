import type { Connection, Libp2p, Peer } from "@libp2p/interface";

import type { BehaviourPeer } from "../behaviour.ts";
import type { PeerDiscovery } from "../discovery/peer-discovery.ts";

/** The peers of a node: connected, and known from before. */
export async function listPeers(
  libp2p: Libp2p,
  discovery: PeerDiscovery,
  synced: ReadonlySet<string>,
): Promise<BehaviourPeer[]> {
  const known = await libp2p.peerStore.all();
  const listed = new Set<string>();
  const peers: BehaviourPeer[] = [];
  for (const peer of known) {
    const peerId = peer.id.toString();
    if (peer.id.equals(libp2p.peerId)) continue;
    listed.add(peerId);
    peers.push(describe(peerId, libp2p.getConnections(peer.id), peer, discovery, synced));
  }
  for (const id of libp2p.getPeers()) {
    const peerId = id.toString();
    if (!listed.has(peerId)) peers.push(describe(peerId, libp2p.getConnections(id), undefined, discovery, synced));
  }
  return peers;
}

function describe(
  peerId: string,
  connections: readonly Connection[],
  peer: Peer | undefined,
  discovery: PeerDiscovery,
  synced: ReadonlySet<string>,
): BehaviourPeer {
  const [connection] = connections;
  const agent = peer?.metadata.get("AgentVersion");
  const latencies = connections.map(({ rtt }) => rtt).filter((rtt) => rtt !== undefined);
  const met = connection?.direction === "inbound" ? "manual" : "dht";
  return {
    peerId,
    addresses: addressesOf(peerId, connection, peer),
    connected: connection !== undefined,
    ...(connection === undefined ? {} : { direction: connection.direction, connectedSince: connection.timeline.open }),
    ...(latencies.length === 0 ? {} : { latencyMs: Math.min(...latencies) }),
    ...(agent === undefined ? {} : { agent: new TextDecoder().decode(agent).slice(0, 100) }),
    protocols: peer?.protocols ?? [],
    discoveredBy: discovery.methodOf(peerId) ?? met,
    synced: connection !== undefined && synced.has(peerId),
  };
}

function addressesOf(peerId: string, connection: Connection | undefined, peer: Peer | undefined): string[] {
  const known = peer?.addresses.map(({ multiaddr }) => multiaddr.toString()) ?? [];
  // The address of an inbound connection is where it came from, not where it can be dialled.
  if (connection?.direction === "outbound") known.unshift(connection.remoteAddr.toString());
  const full = known.map((address) => (address.includes("/p2p/") ? address : `${address}/p2p/${peerId}`));
  return [...new Set(full)];
}

/** Peers that speak a protocol and are connected, in random order. @param random - numbers in [0, 1) */
export async function connectedSpeakers(libp2p: Libp2p, protocol: string, random: () => number): Promise<string[]> {
  const speakers: { peerId: string; order: number }[] = [];
  for (const id of libp2p.getPeers()) {
    const peer = await libp2p.peerStore.get(id).catch(() => undefined);
    if (peer?.protocols.includes(protocol) === true) speakers.push({ peerId: id.toString(), order: random() });
  }
  return speakers.toSorted((a, b) => a.order - b.order).map(({ peerId }) => peerId);
}
