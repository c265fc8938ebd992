import { protocols } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import type { BehaviourComponents } from "../behaviour.ts";
import { BitswapServer } from "../bitswap/bitswap-server.ts";
import { createStreamChannel } from "../chunks/chunk-channel.ts";
import { serveChunks } from "../chunks/chunk-server.ts";
import { type DirectSettings, serveDirect } from "../direct/serve-direct.ts";
import { createBandwidthCaps } from "../limits/bandwidth.ts";
import { limits } from "../limits/limits.ts";
import { createRequestGate } from "../limits/request-gate.ts";
import { createOperationServer } from "../operations/operation-server.ts";
import { serveReceipt } from "../receipt/receipt.ts";
import { serveSearch } from "../search/search.ts";
import { type ServedSync, serveSync } from "../sync/sync-server.ts";
import type { PeerStreams } from "./peer-streams.ts";

/** Answers the protocols of the marketplace from the stores of a node, and Bitswap where it is turned on. */
export async function serveProtocols(
  streams: PeerStreams,
  components: BehaviourComponents,
  parts: {
    readonly ownPeerId: Uint8Array;
    /** Keeps a part of the catalogue only: comparing with it would make others fetch or push the rest. */
    readonly isLight: boolean;
    readonly uploadKbps: number;
    readonly peerUploadKbps: number;
    readonly onSent: (bytes: number) => void;
    /** Where and how chunks are served over direct connections; absent where they are not. */
    readonly direct: DirectSettings | undefined;
    readonly onPushed: (envelopes: readonly Uint8Array[]) => void;
    readonly onPushedMany: (peerId: string) => void;
    /** A peer ended, in order, a reconciliation that it began. */
    readonly onReconciled: (peerId: string, session: ServedSync) => void;
    /** Ends what would go on after a stream. */
    readonly signal: AbortSignal;
  },
): Promise<void> {
  const { activeRequests } = limits;
  const upload = createBandwidthCaps(components.clock, parts.uploadKbps, parts.peerUploadKbps);
  const sync = { ...components, gate: createRequestGate(limits.syncRate, activeRequests) };
  const operations = {
    ...components,
    gate: createRequestGate(limits.operationsRate, activeRequests),
    onPushed: parts.onPushed,
    onPushedMany: parts.onPushedMany,
  };
  const chunks = {
    ...components,
    upload,
    gate: createRequestGate(limits.chunksRate, activeRequests),
    onSent: parts.onSent,
  };
  const search = { ...components, gate: createRequestGate(limits.searchRate, activeRequests) };
  const receipt = {
    ...components,
    ownPeerId: parts.ownPeerId,
    gate: createRequestGate(limits.receiptRate, activeRequests),
  };
  if (!parts.isLight) {
    await streams.serve(protocols.sync, async (stream, peerId) => {
      parts.onReconciled(peerId, await serveSync(sync, stream, peerId));
    });
  }
  await streams.serve(protocols.operations, createOperationServer(operations));
  await streams.serve(protocols.chunks, (stream, peerId) => serveChunks(chunks, createStreamChannel(stream), peerId));
  await streams.serve(protocols.search, (stream, peerId) => serveSearch(search, stream, peerId));
  await streams.serve(protocols.receipt, (stream, peerId) => serveReceipt(receipt, stream, peerId));
  if (parts.direct !== undefined) {
    await serveDirect(
      { ...components, ...parts.direct, serve: (channel, peerId) => serveChunks(chunks, channel, peerId) },
      streams,
    );
  }
  if (components.blocks !== undefined) {
    const { blocks, clock, logger } = components;
    const { signal, onSent } = parts;
    const open = (peerId: string, opening: AbortSignal): Promise<Stream> =>
      streams.open(peerId, protocols.bitswap, opening);
    const bitswap = new BitswapServer({ blocks, clock, logger, upload: upload.node, signal, open, onSent });
    await streams.serve(protocols.bitswap, (stream, peerId) => bitswap.receive(stream, peerId));
  }
}
