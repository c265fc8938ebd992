import { type Logger, silentLogger } from "@ggen/p2p-types";

import type { Catalog } from "./catalog.ts";
import { salvage } from "./salvage.ts";

/**
 * Takes back into an empty catalogue what can still be read of the damaged one whose place it took. Every operation is
 * verified again; what is missing comes from peers.
 * @param catalog - with `setAside`
 * @returns how many operations were taken back
 * @throws GgenError `storage.full`, `storage.failed`
 */
export async function restoreCatalog(catalog: Catalog, logger: Logger = silentLogger): Promise<number> {
  if (catalog.setAside === undefined) return 0;
  const { batches, trust, owners } = salvage(catalog.setAside);
  // First of all: operations of those whom the user knows have other quotas.
  for (const { publisher, ...how } of trust) catalog.setTrust(publisher, how);
  for (const { id, publisher } of owners) catalog.pinOwner(id, publisher);
  for (const { envelopes, origin } of batches) await catalog.accept(envelopes, origin);
  const { operations } = catalog.counts();
  logger.log("warn", "The catalogue was restored from what could be read of the damaged one", { operations });
  return operations;
}
