import { toGgenError } from "@ggen/p2p-types";

import type { ChunkLinks } from "./chunk-links.ts";
import { countHeld } from "./have-map.ts";

/**
 * Asks a peer whether it holds a whole content.
 * @param chunks - how many chunks the content has
 * @throws GgenError `network.*`
 */
export async function askHave(
  links: Pick<ChunkLinks, "session">,
  peerId: string,
  cid: string,
  chunks: number,
  signal: AbortSignal,
): Promise<boolean> {
  const answer = Promise.withResolvers<boolean>();
  const session = await links.session(
    peerId,
    {
      onHave: (map) => answer.resolve(countHeld(map) >= chunks),
      onMissing: () => answer.resolve(false),
      onRefused: () => answer.resolve(false),
      onBusy: () => answer.resolve(false),
      onBlock: () => {},
      onProgress: () => {},
      onClose: (error) =>
        answer.reject(toGgenError(error ?? new Error("the peer ended the stream"), "network.protocol")),
    },
    { cid, bulk: false, signal },
  );
  const onAbort = (): void => answer.reject(toGgenError(signal.reason, "network.connection-timeout"));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    session.askHave();
    return await answer.promise;
  } finally {
    signal.removeEventListener("abort", onAbort);
    session.close();
  }
}
