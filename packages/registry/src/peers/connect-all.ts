import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { parseAddress } from "@ggen/p2p-config";
import { type BootstrapReport, type Clock, throwIfCancelled, toGgenError } from "@ggen/p2p-types";

import { withinTime } from "../time-limit.ts";

/** What it needs. */
interface Connecting {
  readonly network: Pick<MarketplaceBehaviour, "dial" | "connectedPeers">;
  readonly clock: Pick<Clock, "sleep">;
}

/**
 * Dials several addresses at once and says what became of each.
 * @param timeoutMs - for each
 * @throws GgenError `address.invalid` before anything is dialled, `aborted`
 */
export async function connectAll(
  { network, clock }: Connecting,
  addresses: readonly string[],
  timeoutMs: number,
  signal?: AbortSignal,
): Promise<BootstrapReport> {
  for (const address of addresses) parseAddress(address);
  const results = await Promise.all(
    addresses.map(async (address) => {
      try {
        const peerId = await withinTime(clock, timeoutMs, signal, (bounded) => network.dial(address, bounded));
        return { address, connected: true, peerId };
      } catch (error) {
        return { address, connected: false, error: toGgenError(error, "network.dial-failed").toJSON() };
      }
    }),
  );
  throwIfCancelled(signal);
  return { results, connectedPeers: network.connectedPeers().length };
}
