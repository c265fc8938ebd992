import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { rankProviders } from "@ggen/p2p-reputation";
import {
  type CallOptions,
  type ContentWriter,
  GgenError,
  isGgenError,
  toHex,
  type Package,
  packageKey,
} from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { contentKey } from "../peers/holders.ts";

/** Where the bytes of a content came from. */
export interface FetchReport {
  readonly source: "peers" | "store";
  readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
}

/** Rounds of fetching after each of which the whole is checked; a second one finds a disk that spoils what it is given. */
const maxRounds = 3;

type Needs = Pick<Parts, "contents" | "network" | "evidence" | "holders" | "random" | "config" | "logger">;

/**
 * Makes the content of a package complete in the local store.
 * @throws GgenError `package.no-providers`, `registry.not-running`, `archive.too-large`, `storage.*`
 */
export async function fetchContent(
  parts: Needs,
  release: Package,
  { signal, onProgress }: CallOptions = {},
): Promise<FetchReport> {
  if (parts.contents.stat(release.cid)?.complete === true) return { source: "store", peers: [] };
  const network = parts.network();
  const subject = `${release.id}@${release.version}`;
  if (network === undefined) {
    throw new GgenError("registry.not-running", `${subject} is not in the local store, and the node is not running`);
  }
  const writer = await parts.contents.open({
    cid: release.cid,
    size: release.size,
    sha256: release.checksum.slice("sha256:".length),
  });
  const unlease = parts.contents.lease(release.cid);
  try {
    const given = new Map<string, number>();
    for (let round = 1; ; round += 1) {
      const report = await network.download(writer, {
        providers: providersOf(parts, network, release, signal),
        onProgress: (done) => onProgress?.({ step: "fetch", subject, done, total: release.size, unit: "bytes" }),
        ...(signal === undefined ? {} : { signal }),
      });
      for (const { peerId, bytes } of report.perPeer) given.set(peerId, (given.get(peerId) ?? 0) + bytes);
      if (await isFinished(writer, round, signal)) break;
    }
    for (const peerId of given.keys()) parts.holders.add(release.cid, peerId);
    return { source: "peers", peers: [...given].map(([peerId, bytes]) => ({ peerId, bytes })) };
  } finally {
    unlease();
    writer.close();
  }
}

/** @returns false when chunks that were here before turned out to be damaged, and have to be fetched again */
async function isFinished(writer: ContentWriter, round: number, signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await writer.finish(signal);
    return true;
  } catch (error) {
    if (round >= maxRounds || !isGgenError(error, "content.missing")) throw error;
    return false;
  }
}

/**
 * Everybody who may hold a content, best first: peers known to hold it, the other connected peers, then those whom the
 * DHT names for the content and for the package.
 */
async function* providersOf(
  parts: Needs,
  network: MarketplaceBehaviour,
  release: Package,
  signal: AbortSignal | undefined,
): AsyncIterable<string> {
  const given = new Set<string>([network.peerId]);
  const fresh = (peerIds: readonly string[]): string[] => {
    const news = peerIds.filter((peerId) => !given.has(peerId));
    for (const peerId of news) given.add(peerId);
    return rankProviders(
      news.map((peerId) => ({ peerId, reputation: parts.evidence.reputation(peerId) })),
      parts.random,
    ).map(({ peerId }) => peerId);
  };
  const connected = network.connectedPeers();
  const holding = new Set(parts.holders.of(release.cid));
  yield* fresh(connected.filter((peerId) => holding.has(peerId)));
  yield* fresh(connected);
  const lookup = AbortSignal.timeout(parts.config.dht.queryTimeout * 1000);
  const bounded = signal === undefined ? lookup : AbortSignal.any([signal, lookup]);
  for (const key of [contentKey(release.cid), packageKey(release.id)]) {
    try {
      for await (const provider of network.findProviders(key, { signal: bounded })) yield* fresh([provider.peerId]);
    } catch (error) {
      if (signal?.aborted) throw error;
      parts.logger.log("debug", "a provider lookup ended early", { key: toHex(key), error: String(error) });
    }
  }
  yield* fresh(network.connectedPeers());
}
