import { protocols } from "@ggen/p2p-types";
import type { Libp2p } from "@libp2p/interface";

import type { BufferPool } from "../chunks/buffer-pool.ts";
import { limits } from "../limits/limits.ts";
import { RateLimiter } from "../limits/rate-limiter.ts";
import type { PeerStreams } from "../node/peer-streams.ts";
import { FrameStream } from "../stream/frame-stream.ts";
import { decodeDirectQuestion, encodeDirectTicket, maxDirectFrameBytes } from "../wire/direct-messages.ts";
import { DirectServer, type DirectServerComponents } from "./direct-server.ts";
import { hostsOf } from "./peer-hosts.ts";

/** Where direct connections are served. */
export interface DirectSettings {
  readonly libp2p: Libp2p;
  readonly pool: BufferPool;
  /** IP address to listen on; nothing is served without one. */
  readonly host: string | undefined;
}

/**
 * Serves direct connections for as long as libp2p runs: hands out tickets over `/ggen/direct/1`, and chunks to those who
 * come with one. That it cannot listen is no reason for a node not to start.
 */
export async function serveDirect(
  components: Omit<DirectServerComponents, "hostsOf"> & DirectSettings,
  streams: Pick<PeerStreams, "serve">,
): Promise<void> {
  const { clock, logger, libp2p, host } = components;
  if (host === undefined) return;
  const server = new DirectServer({ ...components, hostsOf: (peerId) => hostsOf(libp2p, peerId) });
  const rate = new RateLimiter(limits.directRate);
  const listening = Promise.withResolvers<void>();
  libp2p.addEventListener("start", () => {
    const failed = (error: unknown): void =>
      logger.log("warn", "direct connections are not served", { error: String(error) });
    void server.start(host).catch(failed).then(listening.resolve);
  });
  libp2p.addEventListener("stop", () => server.stop());
  libp2p.addEventListener("peer:disconnect", ({ detail }) => server.drop(detail.toString()));
  await streams.serve(protocols.direct, async (stream, peerId) => {
    const frames = new FrameStream(stream, maxDirectFrameBytes);
    decodeDirectQuestion(await frames.expect());
    await listening.promise;
    const ticket = rate.allow(peerId, clock.monotonic()) ? server.issue(peerId) : undefined;
    if (ticket === undefined) throw new Error("no direct connection for this peer now");
    await frames.send(encodeDirectTicket(ticket));
    await frames.close();
  });
}
