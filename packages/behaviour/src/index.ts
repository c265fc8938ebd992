/**
 * The libp2p node of the ggen marketplace: transports, discovery, DHT, gossip, reconciliation, and the download of
 * content from several peers at once.
 *
 * @packageDocumentation
 */
export type {
  BehaviourComponents,
  BehaviourPeer,
  BehaviourStats,
  MarketplaceBehaviour,
  PeerEvent,
  SyncEvent,
} from "./behaviour.ts";
export type { BlockSource } from "./bitswap/bitswap-server.ts";
export { createMarketplaceBehaviour } from "./create-behaviour.ts";
export { type DiscoveryComponents, PeerDiscovery } from "./discovery/peer-discovery.ts";
export type { DownloadOptions, DownloadReport } from "./download/types.ts";
export type { BootstrapAddress, BehaviourInit } from "./node/init.ts";
export type { EvidenceSink } from "./node/evidence.ts";
export { limits } from "./limits/limits.ts";
export { ContentRouter, type ContentRouterComponents, type RoutingCounts } from "./routing/content-router.ts";
export type { OnCopyAsked } from "./receipt/receipt.ts";
export type { SearchAnswer, SearchLocal } from "./search/search.ts";
export { createSwarm } from "./swarm/swarm.ts";
export type { PeerEnd, PeerTally, Swarm, SwarmOptions, SwarmPlan } from "./swarm/types.ts";
export type { SyncProgress } from "./sync/sync-progress.ts";
export type { CreateReconciler, Reconciler, SyncReport } from "./sync/types.ts";
export type { OperationSelector, PutAnswer } from "./wire/operation-messages.ts";
export type { CopyAnswer } from "./wire/receipt-messages.ts";
export type { ContentProvider, DiscoveryMethod } from "@ggen/p2p-types";
