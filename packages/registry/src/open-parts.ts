import { resolve } from "node:path";

import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { openContentCache } from "@ggen/p2p-cache";
import { type Catalog, openCatalog, restoreCatalog } from "@ggen/p2p-catalog";
import { type P2PConfig, resolveHome } from "@ggen/p2p-config";
import { type Clock, type Logger, type RandomSource, silentLogger, systemClock, systemRandom } from "@ggen/p2p-types";

import { createHome, homeLayout } from "./home/layout.ts";
import { type HomeLock, lockHome } from "./home/lock.ts";
import { keepOwnRecords } from "./home/own-records.ts";
import { keepReserve, withReserve } from "./home/reserve.ts";
import { loadOrCreateSeed } from "./home/secret-file.ts";
import { createKeystore, type Keystore } from "./keys/keystore.ts";
import { LightCatalogue } from "./light/light-catalogue.ts";
import { createTraffic } from "./mirror/traffic.ts";
import type { Parts } from "./parts.ts";
import { createComparisons } from "./peers/comparisons.ts";
import { createEvidenceBook } from "./peers/evidence-book.ts";
import { createHolderSurvey } from "./peers/holder-survey.ts";
import { createHolders } from "./peers/holders.ts";
import { trustOwn } from "./publish/publisher-identity.ts";
import { createDomainVerifier } from "./resolve/domain.ts";
import { createTxtResolver, dnsServersOf } from "./resolve/txt-resolver.ts";
import { bytesPerMb } from "./units.ts";

/** Of the catalogue's cap, kept free for what a merge of the search index writes before the old one goes. */
const mergeBytes = 300_000;

/** Most that a light node keeps of what it asked for lately: about 25,000 records. */
const maxLightMb = 64;

/** Durable facts of a node, by their names in the catalogue's metadata. */
export const metaNames = {
  /** Milliseconds since 1970 of the last comparison with a peer that left both catalogues equal. */
  syncedAt: "synced-at",
  /** First-hand evidence about peers. */
  evidence: "evidence",
} as const;

/** How to tune a registry; all optional. */
export interface RegistryOptions {
  /** Absolute path of the node's folder; GGEN_HOME or `~/.ggen` when absent. */
  readonly home?: string;
  /** Opens the replica of a home without changing anything, also beside a running node. */
  readonly readOnly?: boolean;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly random?: RandomSource;
  /**
   * DNS servers that are asked whose a domain is, as `IP` or `IP:PORT`; those of GGEN_DNS_SERVERS, or else of the system,
   * when absent.
   */
  readonly dnsServers?: readonly string[];
}

/** Everything that is open while a registry lives. */
export interface OpenParts extends Parts {
  readonly readOnly: boolean;
  setNetwork(network: MarketplaceBehaviour | undefined): void;
  markSynced(): void;
  /** Notes that something which came could not be stored: the catalogue is not whole until it is compared again. */
  markIncomplete(): void;
  /**
   * Resolves when the first sync of this run is done, at once when it was, and without an error when it takes longer.
   * @param maxWaitMs - milliseconds
   */
  firstSync(maxWaitMs: number, signal?: AbortSignal): Promise<void>;
  /** The node's own key. @returns 32 bytes */
  identitySeed(): Promise<Uint8Array>;
  /** Closes what is open and gives the home back. Idempotent. */
  close(): Promise<void>;
}

/**
 * Opens a home: lock, catalogue, content store, evidence.
 * @throws GgenError `home.locked`, `home.unwritable`, `storage.*`, `identity.invalid`
 */
export async function openParts(config: P2PConfig, options: RegistryOptions): Promise<OpenParts> {
  const { logger = silentLogger, clock = systemClock, random = systemRandom, readOnly = false } = options;
  const layout = homeLayout(options.home ?? resolveHome(process.env));
  const isLight = config.catalog.mode === "light";
  let lock: HomeLock | undefined;
  if (!readOnly) {
    await createHome(layout.home);
    lock = lockHome(layout.home, clock.now());
  }
  const opened: (() => Promise<void> | void)[] = [];
  const setAside = (): void => keepReserve(layout.home, (length) => random.bytes(length));
  // Set aside again once the databases are closed: they give back the room that it was used for.
  if (lock !== undefined) opened.push(() => lock.release(), setAside);
  const close = async (): Promise<void> => {
    for (const step of opened.splice(0).toReversed()) await step();
  };
  try {
    const replica = await withReserve(layout.home, () =>
      openCatalog({
        path: layout.catalogFile,
        clock,
        readOnly,
        logger: logger.child("catalog"),
        denyPublishers: config.security.denyPublishers,
        maxBytes:
          (isLight ? Math.min(config.catalog.maxMb, maxLightMb) : config.catalog.maxMb) * bytesPerMb - mergeBytes,
      }),
    );
    opened.push(() => replica.close());
    const keystore = createKeystore(layout.keysDirectory);
    const notices: string[] = [];
    const catalog = readOnly ? replica : await makeWhole(replica, { keystore, layout, logger, notices });
    const contents = await withReserve(layout.home, () =>
      openContentCache({
        directory: layout.contentDirectory,
        maxBytes: config.cache.maxSizeMb * bytesPerMb,
        maxPackageBytes: config.cache.maxPackageMb * bytesPerMb,
        clock,
        random,
        readOnly,
        logger: logger.child("store"),
      }),
    );
    opened.push(() => contents.close());
    if (!readOnly) setAside();
    if (contents.setAside !== undefined) {
      notices.push(
        `the content store's database was damaged and rebuilt from the chunks; it was set aside as ${contents.setAside}`,
      );
    }
    let network: MarketplaceBehaviour | undefined;
    // A stopped node answers from what it last knew; a running one must have compared itself with a peer in this run.
    let syncedInRun = false;
    let firstSync = Promise.withResolvers<void>();
    const evidence = createEvidenceBook(clock, catalog.meta(metaNames.evidence), config.location);
    const { identityPath } = config.security;
    const resolver = createTxtResolver({ servers: options.dnsServers ?? dnsServersOf(process.env) });
    const holders = createHolders();
    const comparisons = createComparisons(clock);
    const shared = {
      config,
      evidence,
      holders,
      comparisons,
      clock,
      logger,
      traffic: createTraffic(),
      network: () => network,
    };
    const light = isLight ? new LightCatalogue({ ...shared, catalog, keystore, random }) : undefined;
    return {
      ...shared,
      survey: createHolderSurvey(shared),
      light,
      layout,
      catalog,
      domains: createDomainVerifier({ catalog, resolver, clock, readOnly }),
      contents,
      keystore,
      notices,
      random,
      readOnly,
      setNetwork(next) {
        network = next;
        comparisons.reset();
        syncedInRun = false;
        firstSync = Promise.withResolvers();
      },
      // A light node's is never whole.
      synced: () => !isLight && (network === undefined ? catalog.meta(metaNames.syncedAt) !== undefined : syncedInRun),
      everSynced: () => !isLight && (syncedInRun || catalog.meta(metaNames.syncedAt) !== undefined),
      markIncomplete() {
        syncedInRun = false;
      },
      markSynced() {
        const first = !syncedInRun;
        syncedInRun = true;
        firstSync.resolve();
        if (!first) return;
        try {
          catalog.setMeta(metaNames.syncedAt, String(clock.now()));
        } catch (error) {
          // On a full disk it stays unknown for the next start, which compares again.
          logger.log("warn", "that the catalogue is whole could not be kept", { error: String(error) });
        }
      },
      async firstSync(maxWaitMs, signal) {
        if (syncedInRun) return;
        const timer = new AbortController();
        const bounded = signal === undefined ? timer.signal : AbortSignal.any([timer.signal, signal]);
        await Promise.race([
          firstSync.promise,
          clock.sleep(maxWaitMs, bounded).catch((error: unknown) => {
            if (signal?.aborted === true) throw error;
          }),
        ]).finally(() => timer.abort());
      },
      identitySeed: () => loadOrCreateSeed(resolve(layout.home, identityPath), () => random.bytes(32)),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Fills a catalogue that took a damaged one's place: from that one, and from the copy of our own operations. */
async function makeWhole(
  replica: Catalog,
  parts: Pick<Parts, "keystore" | "layout" | "logger"> & { readonly notices: string[] },
): Promise<Catalog> {
  const { keystore, layout, notices } = parts;
  const logger = parts.logger.child("catalog");
  await restoreCatalog(replica, logger);
  const own = await keystore.publishers();
  const catalog = await keepOwnRecords(replica, layout.ownRecordsFile, own, logger);
  await trustGranted(catalog, keystore, logger);
  if (replica.setAside === undefined) return catalog;
  for (const publisher of own) trustOwn({ catalog }, publisher);
  notices.push(
    `the catalogue was damaged: ${catalog.counts().operations} records were taken back, the others come from peers; ` +
      `it was set aside as ${replica.setAside}`,
  );
  return catalog;
}

/** Trusts the publishers that this home may sign for, where a power cut came between making one and trusting it. */
async function trustGranted(catalog: Catalog, keystore: Keystore, logger: Logger): Promise<void> {
  const trusted = catalog.trusted();
  try {
    for (const { publisher, key } of await keystore.keys()) {
      if (trusted.has(publisher)) continue;
      const granted = catalog.publisherState(publisher)?.signingKeys.get(key);
      if (granted !== undefined && granted.revoked === undefined) trustOwn({ catalog }, publisher);
    }
  } catch (error) {
    // A full disk keeps nobody from reading.
    logger.log("warn", "That this home's publishers are trusted could not be kept", { error: String(error) });
  }
}
