import { protocols } from "@ggen/p2p-types";

import type { PeerEvent } from "../behaviour.ts";
import type { Listeners } from "./listeners.ts";
import type { NodeParts } from "./running-node.ts";

/**
 * Ties what libp2p tells of peers to the parts of a node.
 * @param dhtProtocol - who speaks it serves the DHT
 * @param listeners - told of every event
 * @param stopping - aborted when the node stops
 */
export function listenToPeers(
  { node, book, discovery, sync, router, neighbours }: NodeParts,
  dhtProtocol: string,
  listeners: Listeners<PeerEvent>,
  stopping: AbortSignal,
): void {
  node.libp2p.addEventListener("peer:connect", ({ detail }) => {
    listeners.emit({ type: "connect", peerId: detail.toString() });
  });
  node.libp2p.addEventListener("peer:disconnect", ({ detail }) => {
    book.onDisconnect(detail.toString());
    neighbours?.lose(detail.toString());
    listeners.emit({ type: "disconnect", peerId: detail.toString() });
    discovery.wake();
  });
  node.libp2p.addEventListener("peer:identify", ({ detail }) => {
    const peerId = detail.peerId.toString();
    book.onIdentify(detail);
    listeners.emit({ type: "identify", peerId });
    // Whoever dialled begins, so that two peers do not do the same work twice at once.
    if (detail.connection.direction === "outbound" && detail.protocols.includes(protocols.sync)) sync.syncSoon(peerId);
    if (!detail.protocols.includes(dhtProtocol)) return;
    neighbours?.meet(peerId, stopping);
    if (router.pending > 0) void router.retryPending(stopping);
  });
}
