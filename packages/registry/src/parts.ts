import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import type { ContentCache } from "@ggen/p2p-cache";
import type { Catalog } from "@ggen/p2p-catalog";
import type { P2PConfig } from "@ggen/p2p-config";
import type { Clock, Logger, RandomSource } from "@ggen/p2p-types";

import type { HomeLayout } from "./home/layout.ts";
import type { Keystore } from "./keys/keystore.ts";
import type { LightCatalogue } from "./light/light-catalogue.ts";
import type { Comparisons } from "./peers/comparisons.ts";
import type { EvidenceBook } from "./peers/evidence-book.ts";
import type { Traffic } from "./mirror/traffic.ts";
import type { HolderSurvey } from "./peers/holder-survey.ts";
import type { Holders } from "./peers/holders.ts";
import type { DomainVerifier } from "./resolve/domain.ts";

/** What the registry's operations are made of. One record, so that each takes what it needs by name. */
export interface Parts {
  readonly config: P2PConfig;
  readonly layout: HomeLayout;
  readonly catalog: Catalog;
  readonly contents: ContentCache;
  readonly domains: DomainVerifier;
  readonly keystore: Keystore;
  readonly evidence: EvidenceBook;
  readonly holders: Holders;
  readonly survey: HolderSurvey;
  /** What is being fetched for the user: work for others waits for it. */
  readonly traffic: Traffic;
  readonly comparisons: Comparisons;
  /** What a light node knows by asking; undefined in one that keeps the whole catalogue. */
  readonly light: LightCatalogue | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** What was found to be wrong with the home when it was opened, for people. */
  readonly notices: readonly string[];
  /** The running network; undefined while the node is stopped. */
  network(): MarketplaceBehaviour | undefined;
  /** Whether the catalogue can be taken for whole now: in this run, or before the node was stopped, it was compared. */
  synced(): boolean;
  /** Whether the catalogue was ever compared with a peer, in this run or an earlier one. */
  everSynced(): boolean;
}
