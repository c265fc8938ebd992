import { type Clock, GgenError, protocols } from "@ggen/p2p-types";
import type { Libp2p } from "@libp2p/interface";

import type { ChunkWire, ChunkWireEvents } from "../chunks/chunk-wire.ts";
import { withDeadline } from "../limits/deadline.ts";
import { limits } from "../limits/limits.ts";
import type { PeerStreams } from "../node/peer-streams.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { decodeDirectTicket, encodeDirectQuestion, maxDirectFrameBytes } from "../wire/direct-messages.ts";
import { dialDirect } from "./direct-dialer.ts";
import { hostsOf } from "./peer-hosts.ts";

/**
 * Opens a direct connection to a connected peer: a ticket over `/ggen/direct/1`, and with it to the address at which the
 * peer is connected, whatever it says of itself.
 * @returns makes the wire
 * @throws GgenError `network.*`
 */
export async function askDirect(
  parts: { readonly clock: Clock; readonly libp2p: Libp2p; readonly streams: Pick<PeerStreams, "open"> },
  peerId: string,
  signal: AbortSignal,
): Promise<(events: ChunkWireEvents) => ChunkWire> {
  const { clock, libp2p, streams } = parts;
  return withDeadline(clock, limits.directConnectMs, signal, "A direct connection", async (combined) => {
    const [host] = hostsOf(libp2p, peerId);
    if (host === undefined) throw new GgenError("network.dial-failed", `${peerId} has no address of its own`);
    const frames = new FrameStream(await streams.open(peerId, protocols.direct, combined), maxDirectFrameBytes);
    let ticket;
    try {
      await frames.send(encodeDirectQuestion(), combined);
      ticket = decodeDirectTicket(await frames.expect(combined));
    } catch (error) {
      frames.abort(error as Error);
      throw error;
    }
    await frames.close(combined);
    return dialDirect(host, ticket, combined);
  });
}
