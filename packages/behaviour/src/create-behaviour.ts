import type { BehaviourComponents, MarketplaceBehaviour } from "./behaviour.ts";
import { createEnvelopeVerdicts } from "./gossip/verdicts.ts";
import { type BehaviourInit, settle } from "./node/init.ts";
import { createNode } from "./node/libp2p-node.ts";
import { MarketplaceNode } from "./node/marketplace-node.ts";

/**
 * Makes the libp2p node of the marketplace, not started.
 * @param components - stores, clock, randomness, log, identity
 * @param init - tuning; a whole `P2PConfig` fits
 * @throws GgenError `config.invalid`, `address.invalid`, `storage.corrupt`, `storage.failed`
 */
export async function createMarketplaceBehaviour(
  components: BehaviourComponents,
  init: BehaviourInit = {},
): Promise<MarketplaceBehaviour> {
  const settings = settle(init);
  const verdicts = createEnvelopeVerdicts();
  let node: MarketplaceNode | undefined;
  const parts = await createNode(settings, components.privateKeySeed, {
    clock: components.clock,
    datastorePath: components.datastorePath,
    verdicts,
    onMdnsPeer: (addresses) => node?.onMdnsPeer(addresses),
  });
  node = new MarketplaceNode(components, settings, parts, verdicts);
  return node;
}
