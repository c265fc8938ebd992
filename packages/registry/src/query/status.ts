import type { NodeStatus } from "@ggen/p2p-types";

import type { OpenParts } from "../open-parts.ts";
import type { RunningNetwork } from "../start-network.ts";
import { figuresOf } from "./figures.ts";

/** The status of a running node, but for what only its process knows. */
export type RegistryStatus = Omit<NodeStatus, "running" | "version" | "pid" | "gateway" | "logFile" | "warnings">;

/** What the registry itself knows of its status. */
export interface OwnStatus {
  readonly uptimeSeconds: number;
  readonly pendingAnnouncements: number;
  readonly replicas: NonNullable<NodeStatus["replicas"]>;
}

/** How a node that runs is. */
export async function statusOf(
  parts: OpenParts,
  { network, availability }: RunningNetwork,
  { uptimeSeconds, pendingAnnouncements, replicas }: OwnStatus,
): Promise<RegistryStatus> {
  const { catalog, comparisons, config, contents, layout } = parts;
  const figures = await figuresOf(parts);
  const { bytes, maxBytes, hitRate } = contents.status();
  const light = lightOf(parts, network);
  const evictions = evictionsOf(parts);
  const fetching = network.syncProgress();
  const secondsSinceCompared = comparisons.secondsSinceLast();
  return {
    home: layout.home,
    peerId: network.peerId,
    uptimeSeconds,
    listenAddresses: network.addresses(),
    reachability: network.reachability(),
    connectedPeers: figures.connectedPeers,
    knownPeers: figures.totalPeers,
    dhtMode: config.p2p.dhtServerMode ? "server" : "client",
    dhtEntries: figures.dhtEntries,
    ...(light === undefined ? {} : { light }),
    packages: figures.packages,
    operations: figures.operations,
    catalogFingerprint: catalog.fingerprint(),
    ...(evictions === undefined ? {} : { evictions }),
    cache: { bytes, maxBytes, hitRate },
    sync: {
      state: syncStateOf(parts, figures.connectedPeers),
      pendingAnnouncements,
      ...(fetching === undefined ? {} : { fetching }),
      comparedPeers: comparisons.peers,
      ...(secondsSinceCompared === undefined ? {} : { secondsSinceCompared }),
    },
    mirror: availability.status(),
    ...(replicas.length === 0 ? {} : { replicas }),
  };
}

/** Whether a node can answer for the whole catalogue: by itself, or, a light one, by asking full nodes. */
export function canAnswer({ light, synced }: Pick<OpenParts, "light" | "synced">): boolean {
  return light?.canAsk() ?? synced();
}

function syncStateOf(parts: OpenParts, peers: number): NodeStatus["sync"]["state"] {
  if (canAnswer(parts)) return parts.light === undefined ? "synced" : "asking";
  return peers > 0 && parts.light === undefined ? "syncing" : "waiting";
}

/** How a light node stands: full nodes that it can ask, and publishers whose news it keeps. */
function lightOf({ light }: OpenParts, network: RunningNetwork["network"]): NodeStatus["light"] {
  return light && { fullPeers: network.fullPeers().length, followed: light.followed().size };
}

/** Publishers that had to make room in the catalogue; undefined when none had to. */
function evictionsOf({ catalog, clock }: OpenParts): NodeStatus["evictions"] {
  const { publishers, lastAtMs } = catalog.evictions();
  if (lastAtMs === undefined) return undefined;
  return { publishers, secondsSinceLast: Math.max(0, Math.floor((clock.now() - lastAtMs) / 1000)) };
}
