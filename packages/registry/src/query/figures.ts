import type { NetworkStats } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";

/** The figures of a node, of its catalogue and its store; those of the network are of no use while it is stopped. */
export async function figuresOf(parts: Pick<Parts, "catalog" | "contents" | "network">): Promise<NetworkStats> {
  const network = await parts.network()?.stats();
  const { packages, operations } = parts.catalog.counts();
  const store = parts.contents.status();
  return {
    connectedPeers: network?.connectedPeers ?? 0,
    totalPeers: network?.knownPeers ?? 0,
    packages,
    operations,
    dhtEntries: network?.dhtEntries ?? 0,
    dhtQueries: network?.dhtQueries ?? 0,
    dhtQuerySuccessRate: network?.dhtQuerySuccessRate ?? 1,
    cacheHitRate: store.hitRate,
    cacheBytes: store.bytes,
    gossipSent: network?.gossipSent ?? 0,
    gossipReceived: network?.gossipReceived ?? 0,
    gossipDeliveryRate: network?.gossipDeliveryRate ?? 1,
    requestLatencyMs: network?.requestLatencyMs ?? 0,
    bytesDownloaded: network?.bytesDownloaded ?? 0,
    bytesUploaded: network?.bytesUploaded ?? 0,
  };
}
