import type { Clock, ContentProvider, Logger } from "@ggen/p2p-types";
import type { Libp2p, Stream } from "@libp2p/interface";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr } from "@multiformats/multiaddr";

import { limits } from "../limits/limits.ts";
import { toNetworkError } from "./errors.ts";

/** Answers an inbound stream; a rejection ends it. */
export type StreamServer = (stream: Stream, peerId: string) => Promise<void>;

/** Opens streams to peers, and watches over them and over those that peers open here. */
export interface PeerStreams {
  /** Answers a protocol. */
  serve(protocol: string, server: StreamServer): Promise<void>;
  /**
   * Opens a stream, dialling the peer when it is not connected.
   * @throws GgenError `network.dial-failed`, `network.connection-timeout`
   */
  open(peer: string | ContentProvider, protocol: string, signal: AbortSignal): Promise<Stream>;
  /** Ends every stream. */
  stop(): void;
}

/** Creates the streams of a node. */
export function createPeerStreams(
  libp2p: Libp2p,
  parts: { readonly clock: Clock; readonly logger: Logger },
): PeerStreams {
  const { clock, logger } = parts;
  /** Open streams, of peers and to peers → when something last happened on them. */
  const watched = new Map<Stream, number>();
  const stopSweeping = clock.every(limits.idleStreamMs / 4, () => {
    const oldest = clock.monotonic() - limits.idleStreamMs;
    for (const [stream, lastMs] of watched) {
      if (lastMs < oldest) stream.abort(new Error("nothing happened on the stream"));
    }
  });
  const watch = (stream: Stream): void => {
    const touch = (): void => void watched.set(stream, clock.monotonic());
    touch();
    stream.addEventListener("message", touch);
    stream.addEventListener("drain", touch);
    stream.addEventListener("close", () => {
      stream.removeEventListener("message", touch);
      stream.removeEventListener("drain", touch);
      watched.delete(stream);
    });
  };

  return {
    async serve(protocol, server) {
      await libp2p.handle(
        protocol,
        async (stream, connection) => {
          const peerId = connection.remotePeer.toString();
          const served = server(stream, peerId);
          // Only now: listening before the server does would let it miss the first message.
          watch(stream);
          try {
            await served;
          } catch (error) {
            logger.log("debug", "a stream was ended", { protocol, peerId, error: String(error) });
            stream.abort(error as Error);
          }
        },
        { maxInboundStreams: limits.streamsPerPeer, maxOutboundStreams: 4 * limits.streamsPerPeer },
      );
    },
    async open(peer, protocol, signal) {
      const peerId = typeof peer === "string" ? peer : peer.peerId;
      try {
        const id = peerIdFromString(peerId);
        if (typeof peer !== "string" && peer.addresses.length > 0 && libp2p.getConnections(id).length === 0) {
          await libp2p.peerStore.merge(id, { multiaddrs: peer.addresses.map((address) => multiaddr(address)) });
        }
        const stream = await libp2p.dialProtocol(id, protocol, {
          signal,
          maxOutboundStreams: 4 * limits.streamsPerPeer,
        });
        // Also after this side has ended: the other one may go on, or never end.
        watch(stream);
        return stream;
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        throw toNetworkError(error, peerId);
      }
    },
    stop() {
      stopSweeping();
      for (const stream of watched.keys()) stream.abort(new Error("the node stops"));
    },
  };
}
