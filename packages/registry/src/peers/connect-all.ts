import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { parseAddress } from "@ggen/p2p-config";
import { type BootstrapReport, toGgenError } from "@ggen/p2p-types";

/**
 * Dials several addresses at once and says what became of each.
 * @param timeoutMs - for each
 * @throws GgenError `address.invalid` before anything is dialled
 */
export async function connectAll(
  network: Pick<MarketplaceBehaviour, "dial" | "connectedPeers">,
  addresses: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<BootstrapReport> {
  for (const address of addresses) parseAddress(address);
  const results = await Promise.all(
    addresses.map(async (address) => {
      try {
        const bounded = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
        return { address, connected: true, peerId: await network.dial(address, bounded) };
      } catch (error) {
        return { address, connected: false, error: toGgenError(error, "network.dial-failed").toJSON() };
      }
    }),
  );
  signal?.throwIfAborted();
  return { results, connectedPeers: network.connectedPeers().length };
}
