import { protocols } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import type { BehaviourComponents } from "../behaviour.ts";
import { BitswapServer } from "../bitswap/bitswap-server.ts";
import { type ChunkChannel, createStreamChannel } from "../chunks/chunk-channel.ts";
import { serveChunks } from "../chunks/chunk-server.ts";
import { serveDirect } from "../direct/serve-direct.ts";
import { createBandwidthCaps } from "../limits/bandwidth.ts";
import { limits } from "../limits/limits.ts";
import { createRequestGate } from "../limits/request-gate.ts";
import { createOperationServer } from "../operations/operation-server.ts";
import { serveReceipt } from "../receipt/receipt.ts";
import { serveSearch } from "../search/search.ts";
import { type ServedSync, serveSync } from "../sync/sync-server.ts";
import { hostOf } from "./addresses.ts";
import type { NodeSettings } from "./init.ts";
import type { NodeParts } from "./running-node.ts";

/** What is told of what peers bring. */
export interface ServingHooks {
  /** A few operations that a peer pushed here were news. */
  onPushed(envelopes: readonly Uint8Array[]): void;
  /** A peer ended, in order, a reconciliation that it began. */
  onReconciled(peerId: string, session: ServedSync): void;
}

/**
 * Answers the protocols of the marketplace from the stores of a node, and Bitswap where it is turned on.
 * @param stopping - ends what would go on after a stream
 */
export async function serveProtocols(
  { node: { libp2p }, moved, pool, streams, sync: scheduler }: NodeParts,
  components: BehaviourComponents,
  settings: NodeSettings,
  hooks: ServingHooks,
  stopping: AbortSignal,
): Promise<void> {
  const { activeRequests } = limits;
  const upload = createBandwidthCaps(components.clock, settings.uploadKbps, settings.peerUploadKbps);
  const onSent = (bytes: number): void => {
    moved.uploaded += bytes;
  };
  const sync = { ...components, gate: createRequestGate(limits.syncRate, activeRequests) };
  const operations = {
    ...components,
    gate: createRequestGate(limits.operationsRate, activeRequests),
    onPushed: (envelopes: readonly Uint8Array[]) => hooks.onPushed(envelopes),
    onPushedMany: (peerId: string) => scheduler.syncSoon(peerId),
  };
  const chunks = {
    ...components,
    upload,
    gate: createRequestGate(limits.chunksRate, activeRequests),
    onSent,
  };
  const search = { ...components, gate: createRequestGate(limits.searchRate, activeRequests) };
  const receipt = {
    ...components,
    ownPeerId: libp2p.peerId.toMultihash().bytes,
    gate: createRequestGate(limits.receiptRate, activeRequests),
  };
  // It keeps a part of the catalogue only: comparing with it would make others fetch or push the rest.
  if (!settings.isLight) {
    await streams.serve(protocols.sync, async (stream, peerId) => {
      hooks.onReconciled(peerId, await serveSync(sync, stream, peerId));
    });
  }
  await streams.serve(protocols.operations, createOperationServer(operations));
  await streams.serve(protocols.chunks, (stream, peerId) => serveChunks(chunks, createStreamChannel(stream), peerId));
  await streams.serve(protocols.search, (stream, peerId) => serveSearch(search, stream, peerId));
  await streams.serve(protocols.receipt, (stream, peerId) => serveReceipt(receipt, stream, peerId));
  if (settings.directTransfer) {
    const host = hostOf(settings.listenAddresses);
    const serve = (channel: ChunkChannel, peerId: string): Promise<void> => serveChunks(chunks, channel, peerId);
    await serveDirect({ ...components, libp2p, pool, host, serve }, streams);
  }
  if (components.blocks !== undefined) {
    const { blocks, clock, logger } = components;
    const open = (peerId: string, opening: AbortSignal): Promise<Stream> =>
      streams.open(peerId, protocols.bitswap, opening);
    const bitswap = new BitswapServer({ blocks, clock, logger, upload: upload.node, signal: stopping, open, onSent });
    await streams.serve(protocols.bitswap, (stream, peerId) => bitswap.receive(stream, peerId));
  }
}
