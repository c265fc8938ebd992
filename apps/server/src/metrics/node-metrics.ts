import type { NetworkStats } from "@ggen/p2p-types";

import type { Metric } from "./prometheus.ts";

type Row = readonly [field: keyof NetworkStats, name: string, type: "counter" | "gauge", help: string, factor?: number];

const rows: readonly Row[] = [
  ["connectedPeers", "ggen_connected_peers", "gauge", "Peers that the node is connected to."],
  ["totalPeers", "ggen_known_peers", "gauge", "Peers that the node knows."],
  ["packages", "ggen_packages", "gauge", "Packages in the catalogue."],
  ["operations", "ggen_operations", "gauge", "Signed operations in the catalogue."],
  ["dhtEntries", "ggen_dht_entries", "gauge", "Provider records that the node keeps for the DHT."],
  ["dhtQueries", "ggen_dht_queries_total", "counter", "DHT queries since the node started."],
  ["dhtQuerySuccessRate", "ggen_dht_query_success_ratio", "gauge", "Share of DHT queries that were answered, 0-1."],
  ["cacheHitRate", "ggen_cache_hit_ratio", "gauge", "Share of content reads that the store answered, 0-1."],
  ["cacheBytes", "ggen_cache_bytes", "gauge", "Bytes in the content store."],
  ["gossipSent", "ggen_gossip_sent_total", "counter", "Announcements that the node sent."],
  ["gossipReceived", "ggen_gossip_received_total", "counter", "Announcements that the node received."],
  ["gossipDeliveryRate", "ggen_gossip_delivery_ratio", "gauge", "Share of announcements that reached a peer, 0-1."],
  ["requestLatencyMs", "ggen_request_latency_seconds", "gauge", "Smoothed time of a request to a peer.", 0.001],
  ["bytesDownloaded", "ggen_downloaded_bytes_total", "counter", "Bytes of content fetched from peers."],
  ["bytesUploaded", "ggen_uploaded_bytes_total", "counter", "Bytes of content given to peers."],
];

/** The figures of a node as metrics. */
export function nodeMetrics(stats: NetworkStats): readonly Metric[] {
  return rows.map(([field, name, type, help, factor = 1]) => ({
    name,
    help,
    type,
    samples: [{ value: stats[field] * factor }],
  }));
}
