import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import type { Clock } from "@ggen/p2p-types";

/** How long after a start full nodes are waited for, in milliseconds: for a first one, and then for a second one. */
export const firstPeerMs = 10_000;
const secondPeerMs = 1000;

/**
 * Waits until there are two full nodes to ask; not long for the second, which may not exist.
 * @throws the signal's reason
 */
export async function awaitFullPeers(
  network: Pick<MarketplaceBehaviour, "fullPeers" | "onPeer">,
  clock: Pick<Clock, "sleep">,
  signal?: AbortSignal,
): Promise<void> {
  if (network.fullPeers().length > 1) return;
  const over = new AbortController();
  const bounded = signal === undefined ? over.signal : AbortSignal.any([over.signal, signal]);
  const found = Promise.withResolvers<void>();
  let second: Promise<void> | undefined;
  const look = (): void => {
    const count = network.fullPeers().length;
    if (count > 1) found.resolve();
    else if (count === 1) second ??= clock.sleep(secondPeerMs, bounded).then(found.resolve, () => {});
  };
  const stop = network.onPeer(look);
  look();
  const late = clock.sleep(firstPeerMs, bounded).catch((error: unknown) => {
    if (signal?.aborted === true) throw error;
  });
  try {
    await Promise.race([found.promise, late]);
  } finally {
    stop();
    over.abort();
  }
}
