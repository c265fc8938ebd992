import { resolve } from "node:path";

import { createMarketplaceBehaviour, type MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { createReconciler } from "@ggen/p2p-catalog";
import { protocols } from "@ggen/p2p-types";

import { keepPorts, keptAddresses } from "./home/ports.ts";
import { metaNames, type OpenParts } from "./open-parts.ts";
import { Follower } from "./light/follower.ts";
import { keepFollowed } from "./light/keep-filter.ts";
import { type Availability, startAvailability } from "./mirror/availability.ts";
import type { Announcer } from "./publish/announcer.ts";
import type { Replicas } from "./publish/replicas.ts";
import { answerSearch } from "./query/answer-search.ts";

const saveEveryMs = 60_000;
/** How soon a catalogue that could not store something is compared again. */
const recoverEveryMs = 5_000;
/** How long a comparison with a new peer is waited for before it is told what waits to be announced. */
const compareMs = 30_000;

/** A network that runs, and how it ends. */
export interface RunningNetwork {
  readonly network: MarketplaceBehaviour;
  readonly availability: Availability;
  stop(): Promise<void>;
}

/**
 * Starts the libp2p node over the open parts and ties their events together: what peers prove becomes evidence, a first
 * comparison makes the catalogue complete, a new peer gets what waits to be announced.
 * @throws GgenError `network.listen-failed`, `identity.invalid`; nothing is left of it then
 */
export async function startNetwork(
  parts: OpenParts,
  announcer: Announcer,
  replicas: Replicas,
  signal?: AbortSignal,
): Promise<RunningNetwork> {
  const { config, layout, catalog, evidence, clock, light, logger } = parts;
  const incoming = light === undefined ? catalog : { accept: keepFollowed(catalog, () => light.followed()) };
  const configured = config.p2p.listenAddresses;
  /** Whether the disk refused something that peers sent, e.g. because it is full. */
  let missed = false;
  let availability: Availability | undefined;
  const network = await createMarketplaceBehaviour(
    {
      privateKeySeed: await parts.identitySeed(),
      operations: {
        ...catalog,
        async accept(envelopes, origin) {
          try {
            return await incoming.accept(envelopes, origin);
          } catch (error) {
            missed = true;
            parts.markIncomplete();
            throw error;
          }
        },
      },
      contents: parts.contents,
      ...(parts.config.ipfs.bitswap ? { blocks: parts.contents } : {}),
      createReconciler,
      searchLocal: (query) => answerSearch(catalog, query),
      onCopyAsked: (operation, peerId) => availability?.asked(operation, peerId) ?? "no",
      evidence,
      clock,
      random: parts.random,
      logger: logger.child("net"),
      datastorePath: layout.datastoreFile,
    },
    {
      ...config,
      p2p: { ...config.p2p, listenAddresses: keptAddresses(layout.portsFile, configured) },
      security: { ...config.security, ...privateNetwork(parts) },
    },
  );
  const seenSince = new Map<string, number>();
  const noteUptime = (peerId: string): void => {
    const since = seenSince.get(peerId);
    if (since !== undefined) evidence.uptime(peerId, true, (clock.monotonic() - since) / 1000);
  };
  const saveEvidence = (): void => {
    try {
      catalog.setMeta(metaNames.evidence, evidence.serialize());
    } catch (error) {
      // A full disk costs the evidence of a minute, not the node.
      logger.log("warn", "what is known about peers could not be saved", { error: String(error) });
    }
  };
  const stopping = new AbortController();
  /** Whoever is not compared with in time is told all the same. */
  const drainLate = (): void => {
    clock.sleep(compareMs, stopping.signal).then(
      () => void announcer.drain(),
      () => {},
    );
  };
  const stops = [
    () => stopping.abort(),
    network.onPeer(({ type, peerId }) => {
      if (type === "connect") {
        seenSince.set(peerId, clock.monotonic());
      } else if (type === "identify") {
        // Only now is it known what the peer speaks. With a full node a comparison begins, which tells it more cheaply.
        if (light === undefined && network.fullPeers().includes(peerId)) drainLate();
        else void announcer.drain();
      } else if (type === "disconnect") {
        noteUptime(peerId);
        seenSince.delete(peerId);
      }
    }),
    network.onSync((event) => {
      if ("report" in event) {
        missed = false;
        parts.markSynced();
        parts.comparisons.note(event.peerId);
        availability?.onSynced();
        void (event.report.equal ? announcer.drainCompared() : announcer.drain());
      } else {
        void announcer.drain();
      }
    }),
    clock.every(recoverEveryMs, () => {
      const [peerId] = network.fullPeers();
      if (light !== undefined || !missed || peerId === undefined) return;
      network
        .syncWith(peerId)
        .catch((error: unknown) => logger.log("debug", "a reconciliation failed", { error: String(error) }));
    }),
    clock.every(saveEveryMs, () => {
      for (const peerId of seenSince.keys()) {
        noteUptime(peerId);
        seenSince.set(peerId, clock.monotonic());
      }
      saveEvidence();
    }),
  ];
  parts.setNetwork(network);
  await light?.begin();
  const begin = async (): Promise<Availability> => {
    await network.start(signal, { subscribe: false });
    return startAvailability(parts, replicas);
  };
  const available = await begin().catch(async (error: unknown) => {
    for (const stop of stops) stop();
    await network.stop();
    parts.setNetwork(undefined);
    throw error;
  });
  availability = available;
  const follower = light && new Follower(parts, light, () => available.onSynced());
  follower?.start();
  // The search thread takes a tenth of a second to start: not on the first user's time.
  void catalog
    .search({ limit: 1 })
    .catch((error: unknown) => logger.log("warn", "search failed", { error: String(error) }));
  try {
    keepPorts(layout.portsFile, configured, network.addresses());
  } catch (error) {
    logger.log("warn", "the chosen ports could not be kept: the next start chooses others", { error: String(error) });
  }
  logger.log("info", "listening", { protocol: protocols.dht, addresses: network.addresses() });
  return {
    network,
    availability: available,
    async stop() {
      await Promise.all([available.stop(), follower?.stop()]);
      for (const peerId of seenSince.keys()) noteUptime(peerId);
      for (const stop of stops) stop();
      await network.stop();
      parts.setNetwork(undefined);
      saveEvidence();
    },
  };
}

function privateNetwork({ config, layout }: OpenParts): { privateNetworkKey?: string } {
  const path = config.security.privateNetworkKey;
  return path === undefined ? {} : { privateNetworkKey: resolve(layout.home, path) };
}
