import type { BehaviourStats } from "../behaviour.ts";
import type { NodeParts } from "./running-node.ts";

/** Bytes of content moved since the start. */
export interface MovedBytes {
  downloaded: number;
  uploaded: number;
}

/** Collects the figures of a node. @param parts - absent before it was started */
export function collectStats(parts: NodeParts | undefined, isRunning: boolean): BehaviourStats {
  const { queries, succeeded } = parts?.router.counts ?? { queries: 0, succeeded: 0 };
  const { sent, received, delivered } = parts?.gossip.counts ?? { sent: 0, received: 0, delivered: 0 };
  return {
    connectedPeers: parts?.book.connected().length ?? 0,
    knownPeers: parts?.book.size ?? 0,
    // The datastore is closed with the node.
    dhtEntries: isRunning ? (parts?.node.providerRows() ?? 0) : 0,
    dhtQueries: queries,
    dhtQuerySuccessRate: queries === 0 ? 1 : succeeded / queries,
    gossipSent: sent,
    gossipReceived: received,
    gossipDeliveryRate: sent === 0 ? 1 : delivered / sent,
    requestLatencyMs: parts?.requests.latencyMs ?? 0,
    bytesDownloaded: parts?.moved.downloaded ?? 0,
    bytesUploaded: parts?.moved.uploaded ?? 0,
  };
}
