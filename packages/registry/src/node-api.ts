import { familyVersion, GgenError, type NodeApi, parseRef } from "@ggen/p2p-types";

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
    async status() {
      const gateway = init.gateway?.();
      return {
        running: true,
        version: familyVersion,
        pid: process.pid,
        ...(await registry.status()),
        ...(gateway === undefined ? {} : { gateway }),
        ...(init.logFile === undefined ? {} : { logFile: init.logFile }),
        warnings: [...(init.warnings ?? []), ...(await registry.notices())],
      };
    },
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
