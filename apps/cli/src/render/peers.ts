import type { PeerInfo, PeerReputation } from "@ggen/p2p-types";

import { formatBytes, formatSeconds } from "./quantity.ts";
import type { Style } from "./style.ts";
import { renderFields, renderTable } from "./table.ts";

const latencyOf = (peer: PeerInfo): string => (peer.latencyMs === undefined ? "-" : `${Math.round(peer.latencyMs)} ms`);
const stateOf = (peer: PeerInfo): string => (peer.connected ? (peer.direction ?? "connected") : "known");

/** The peers of a node, connected ones first. */
export function renderPeers(peers: readonly PeerInfo[], verbose: boolean, style: Style, width: number): string {
  if (peers.length === 0) return "No peers yet. Connect to one: ggen marketplace p2p bootstrap MULTIADDR\n";
  const sorted = peers.toSorted((a, b) => Number(b.connected) - Number(a.connected) || b.reputation - a.reputation);
  if (verbose) return sorted.map((peer) => renderPeer(peer, style)).join("\n");
  return renderTable<PeerInfo>(
    [
      { title: "PEER ID", value: (peer) => peer.peerId, paint: style.bold },
      { title: "STATE", value: stateOf },
      { title: "SCORE", value: (peer) => peer.reputation.toFixed(2), align: "right" },
      { title: "LATENCY", value: latencyOf, align: "right" },
      { title: "SYNCED", value: (peer) => (peer.synced ? "yes" : "no") },
      { title: "ADDRESS", value: (peer) => withoutPeer(peer.addresses[0]) },
    ],
    sorted,
    width,
  );
}

function withoutPeer(address: string | undefined): string {
  return address?.replace(/\/p2p\/[^/]+$/, "") ?? "-";
}

type Field = readonly [string, string | readonly string[] | undefined];

function renderPeer(peer: PeerInfo, style: Style, more: readonly Field[] = []): string {
  const fields = renderFields([
    ["state", stateOf(peer)],
    ["score", peer.reputation.toFixed(3)],
    ["latency", latencyOf(peer)],
    ["catalogue", peer.synced ? "equal to ours" : "not compared yet, or different"],
    ["found by", peer.discoveredBy],
    ["agent", peer.agent],
    ["secured by", peer.encryption],
    ["multiplexed by", peer.multiplexer],
    ["connected since", peer.connectedSince === undefined ? undefined : new Date(peer.connectedSince).toISOString()],
    ["addresses", peer.addresses],
    ...more,
  ]);
  return `${style.bold(peer.peerId)}\n${fields}`;
}

/** One peer with the score's factors and the counts behind them. */
export function renderPeerInfo(
  { peer, reputation }: { readonly peer: PeerInfo; readonly reputation: PeerReputation },
  full: boolean,
  style: Style,
): string {
  const { evidence } = reputation;
  const counts = `${evidence.successes} good, ${evidence.failures} failed, ${evidence.lies} false`;
  const basics: readonly Field[] = [
    ["answers", counts],
    ["given", `${formatBytes(evidence.bytes)} of verified content`],
  ];
  if (!full) return renderPeer(peer, style, basics);
  const { location } = peer;
  const place = location === undefined ? "not shared" : `${location.latitude}, ${location.longitude}`;
  const details: readonly Field[] = [
    ["success rate", reputation.successRate.toFixed(3)],
    ["response time", `${reputation.responseTimeScore.toFixed(3)}${ofMs(evidence.responseTimeMs)}`],
    [
      "availability",
      `${reputation.availabilityScore.toFixed(3)} (up ${formatSeconds(evidence.upSeconds)} of ${formatSeconds(evidence.observedSeconds)})`,
    ],
    ["recency", reputation.recencyScore.toFixed(3)],
    ["last answer", evidence.lastSeen === undefined ? "none" : new Date(evidence.lastSeen).toISOString()],
    ["geo bonus", reputation.geoBonus.toFixed(3)],
    ["distance", reputation.distanceKm === undefined ? "unknown" : `${reputation.distanceKm.toFixed(1)} km`],
    ["location", location?.region === undefined ? place : `${place} (${location.region})`],
    ["protocols", peer.protocols],
  ];
  return renderPeer(peer, style, [...basics, ...details]);
}

function ofMs(responseTimeMs: number | undefined): string {
  return responseTimeMs === undefined ? "" : ` (${Math.round(responseTimeMs)} ms)`;
}
