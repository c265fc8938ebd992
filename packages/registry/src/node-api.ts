import { familyVersion, GgenError, type NodeApi, type NodeStatus, parseRef } from "@ggen/p2p-types";

import type { P2PRegistry } from "./registry.ts";

/** Facts about the process around a registry, for {@link NodeApi}. */
export interface NodeApiInit {
  /** URL of the gateway in this process. */
  readonly gateway?: () => string | undefined;
  readonly logFile?: string;
  /** Warnings of the configuration. */
  readonly warnings?: readonly string[];
  /** Ends the process; without it `stop` stops the node. */
  readonly onStop?: () => void;
}

/**
 * A registry as its users drive it: what the control socket serves, and what commands use in process.
 * @param registry - started or not
 */
export function createNodeApi(registry: P2PRegistry, init: NodeApiInit = {}): NodeApi {
  const { publishers } = registry;
  return {
    status: () => nodeStatus(registry, init),
    stats: () => registry.stats(),
    search: (query, options) => registry.searchPage(query, options),
    info: (params, options) => registry.info(params, options),
    publish: ({ path, ...params }, options) => registry.publish(path, { ...params, ...options }),
    install: (params, options) => registry.install(params, options),
    why: (params, options) => registry.why(params, options),
    bootstrap: (params, options) =>
      registry.bootstrap({ ...params, ...(options?.signal === undefined ? {} : { signal: options.signal }) }),
    async peers({ minReputation = 0 }) {
      return (await registry.peers()).filter(({ reputation }) => reputation >= minReputation);
    },
    async peerInfo({ peerId }) {
      const peer = (await registry.peers()).find((known) => known.peerId === peerId);
      if (peer === undefined) {
        throw new GgenError("peer.not-found", `No peer ${peerId.slice(0, 80)} is known`, {
          expected: "a peer id of the list",
          got: JSON.stringify(peerId.slice(0, 80)),
        });
      }
      return { peer, reputation: await registry.getComprehensiveReputation(peerId, peer.location) };
    },
    publishers: () => publishers.list(),
    publisherInit: ({ nickname, ...count }) => publishers.init(nickname, count),
    publisherGrant: (params) => publishers.grant(params),
    publisherRequestKey: (params) => publishers.requestKey(params),
    publisherRevoke: (params) => publishers.revoke(params),
    publisherRotate: (params) => publishers.rotate(params),
    publisherRecover: (params) => publishers.recover(params),
    publisherDomain: (params) => publishers.setDomain(params),
    trust: (params) => publishers.trust(params),
    yank: (params) => registry.yank(params),
    cacheStatus: async () => registry.contents.status(),
    async cacheVerify(options) {
      const chunks = await registry.contents.verify(options);
      const records = await registry.verifyRecords(options?.signal);
      return { ...chunks, checkedRecords: records.checked, damagedRecords: records.damaged };
    },
    cacheGc: () => registry.contents.gc(),
    async cachePin({ ref, pinned }, options) {
      parseRef(ref);
      const { package: release } = await registry.info({ ref }, options);
      if (release === undefined) throw new GgenError("package.ambiguous", `Several publishers claim ${ref}`);
      await registry.setPinned(release, pinned, options);
      return { cid: release.cid };
    },
    async stop() {
      if (init.onStop === undefined) await registry.stop();
      else init.onStop();
    },
  };
}

function stateOf(registry: P2PRegistry, peers: number): NodeStatus["sync"]["state"] {
  if (registry.ready()) return registry.light === undefined ? "synced" : "asking";
  return peers > 0 && registry.light === undefined ? "syncing" : "waiting";
}

async function nodeStatus(registry: P2PRegistry, init: NodeApiInit): Promise<NodeStatus> {
  const stats = await registry.stats();
  const store = registry.contents.status();
  const gateway = init.gateway?.();
  const fetching = registry.syncProgress;
  const { mirror, replicas } = registry;
  const compared = registry.comparisons;
  const { evictions, light } = registry;
  return {
    running: true,
    version: familyVersion,
    pid: process.pid,
    home: registry.home,
    peerId: registry.peerId,
    uptimeSeconds: registry.uptimeSeconds,
    listenAddresses: registry.addresses,
    reachability: registry.reachability,
    connectedPeers: stats.connectedPeers,
    knownPeers: stats.totalPeers,
    dhtMode: registry.config.p2p.dhtServerMode ? "server" : "client",
    dhtEntries: stats.dhtEntries,
    ...(light === undefined ? {} : { light }),
    packages: stats.packages,
    operations: stats.operations,
    catalogFingerprint: registry.catalogFingerprint,
    ...(evictions === undefined ? {} : { evictions }),
    cache: { bytes: store.bytes, maxBytes: store.maxBytes, hitRate: store.hitRate },
    sync: {
      state: stateOf(registry, stats.connectedPeers),
      pendingAnnouncements: registry.pendingAnnouncements,
      ...(fetching === undefined ? {} : { fetching }),
      comparedPeers: compared.peers,
      ...(compared.secondsSinceLast === undefined ? {} : { secondsSinceCompared: compared.secondsSinceLast }),
    },
    ...(mirror === undefined ? {} : { mirror }),
    ...(replicas.length === 0 ? {} : { replicas }),
    ...(gateway === undefined ? {} : { gateway }),
    ...(init.logFile === undefined ? {} : { logFile: init.logFile }),
    warnings: [...(init.warnings ?? []), ...(await registry.notices())],
  };
}
