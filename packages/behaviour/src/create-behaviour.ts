import type { BehaviourComponents, MarketplaceBehaviour } from "./behaviour.ts";
import { parseAddress } from "./node/addresses.ts";
import { checkDeniedAddresses } from "./node/gater.ts";
import { type BehaviourInit, settle } from "./node/init.ts";
import { MarketplaceNode } from "./node/marketplace-node.ts";

/**
 * Makes the libp2p node of the marketplace, not started.
 * @param components - stores, clock, randomness, log, identity
 * @param init - tuning; a whole `P2PConfig` fits
 * @throws GgenError `config.invalid`, `address.invalid`
 */
export async function createMarketplaceBehaviour(
  components: BehaviourComponents,
  init: BehaviourInit = {},
): Promise<MarketplaceBehaviour> {
  const settings = settle(init);
  for (const address of [...settings.listenAddresses, ...settings.bootstrapNodes]) parseAddress(address);
  checkDeniedAddresses(settings.denyAddresses);
  return new MarketplaceNode(components, settings);
}
