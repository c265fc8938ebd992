import type { CallOptions } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";

const retryMs = 500;
/** How long a publisher waits for copies unless its caller gives up earlier. */
const maxWaitMs = 60_000;

/**
 * Waits until a number of peers proved that they hold a content, by answering a possession challenge.
 * @returns those that did, also when they are fewer than asked for at the end of the wait
 */
export async function collectReplicas(
  parts: Pick<Parts, "network" | "clock" | "holders" | "logger">,
  cid: string,
  replicas: number,
  { signal, onProgress }: CallOptions,
): Promise<readonly string[]> {
  const proven = new Set<string>();
  const end = parts.clock.monotonic() + maxWaitMs;
  while (proven.size < replicas && parts.clock.monotonic() < end) {
    const network = parts.network();
    if (network === undefined) break;
    const asked = network.connectedPeers().filter((peerId) => !proven.has(peerId));
    await Promise.all(
      asked.map(async (peerId) => {
        try {
          if (await network.askReceipt(peerId, cid, signal)) {
            proven.add(peerId);
            parts.holders.add(cid, peerId);
          }
        } catch (error) {
          parts.logger.log("debug", "a peer gave no receipt", { peer: peerId, error: String(error) });
        }
      }),
    );
    onProgress?.({ step: "replicate", subject: cid, done: proven.size, total: replicas, unit: "peers" });
    if (proven.size < replicas) await parts.clock.sleep(retryMs, signal);
  }
  return [...proven];
}
