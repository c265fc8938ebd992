import type { DownloadOptions, MarketplaceBehaviour } from "@ggen/p2p-behaviour";
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
import { timeLimit } from "../time-limit.ts";
import { createLeafStream } from "./leaf-stream.ts";

/** Where the bytes of a content came from. */
export interface FetchReport {
  readonly source: "peers" | "store";
  readonly peers: readonly { readonly peerId: string; readonly bytes: number }[];
  /** Whether the check that was given has passed over all of it; false when it could not be done on the way. */
  readonly checked: boolean;
}

/** Reads a content, whole and in order, and throws when it is not what it should be. */
export type ContentCheck = (content: AsyncIterable<Uint8Array>) => Promise<unknown>;

/** Rounds of fetching after each of which the whole is checked; a second one finds a disk that spoils what it is given. */
const maxRounds = 3;

/** What fetching needs. */
export type FetchParts = Pick<
  Parts,
  "clock" | "contents" | "network" | "evidence" | "holders" | "random" | "config" | "logger"
>;

/**
 * Makes the content of a package complete in the local store.
 * @param check - done on the bytes that come, beside the fetch, where none of them were here before; its error is thrown
 * after the content is complete
 * @throws GgenError `package.no-providers`, `registry.not-running`, `archive.too-large`, `storage.*`
 */
export async function fetchContent(
  parts: FetchParts,
  release: Package,
  { signal, onProgress }: CallOptions = {},
  check?: ContentCheck,
): Promise<FetchReport> {
  if (parts.contents.stat(release.cid)?.complete === true) return { source: "store", peers: [], checked: false };
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
  const ended = new AbortController();
  const looking = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
  const passing = createLeafStream();
  const checking =
    check !== undefined && writer.follow((leaf) => passing.push(leaf)) ? settled(check(passing)) : undefined;
  try {
    const given = new Map<string, number>();
    for (let round = 1; ; round += 1) {
      const report = await network.download(writer, {
        ...providersOf(parts, network, release, looking),
        onProgress: (done) => onProgress?.({ step: "fetch", subject, done, total: release.size, unit: "bytes" }),
        ...(signal === undefined ? {} : { signal }),
      });
      for (const { peerId, bytes } of report.perPeer) given.set(peerId, (given.get(peerId) ?? 0) + bytes);
      if (await isFinished(writer, round, signal)) break;
    }
    for (const peerId of given.keys()) parts.holders.add(release.cid, peerId);
    passing.end();
    const verdict = await checking;
    if (verdict?.error !== undefined) throw verdict.error;
    const peers = [...given].map(([peerId, bytes]) => ({ peerId, bytes }));
    return { source: "peers", peers, checked: verdict !== undefined };
  } finally {
    passing.end(new GgenError("aborted", "The fetch did not end"));
    ended.abort(new GgenError("aborted", "The fetch has ended"));
    unlease();
    writer.close();
  }
}

/** How work ended, for who looks later: its failure never counts as one that nobody handled. */
async function settled(work: Promise<unknown>): Promise<{ readonly error?: unknown }> {
  try {
    await work;
    return {};
  } catch (error) {
    return { error };
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
 * Everybody who may hold a content, best first: peers known to hold it and the other connected peers; then, where these
 * do not do, those whom the DHT names for the content and for the package. A lookup takes longer than a small content.
 */
function providersOf(
  parts: FetchParts,
  network: MarketplaceBehaviour,
  release: Package,
  signal: AbortSignal,
): Required<Pick<DownloadOptions, "providers" | "furtherProviders">> {
  const given = new Set<string>([network.peerId]);
  const fresh = (peerIds: readonly string[]): string[] => {
    const news = peerIds.filter((peerId) => !given.has(peerId));
    for (const peerId of news) given.add(peerId);
    return rankProviders(
      news.map((peerId) => ({ peerId, reputation: parts.evidence.reputation(peerId) })),
      parts.random,
    ).map(({ peerId }) => peerId);
  };
  async function* connected(): AsyncGenerator<string> {
    const peerIds = network.connectedPeers();
    const holding = new Set(parts.holders.of(release.cid));
    yield* fresh(peerIds.filter((peerId) => holding.has(peerId)));
    yield* fresh(peerIds);
  }
  async function* lookedUp(): AsyncGenerator<string> {
    const limit = timeLimit(parts.clock, parts.config.dht.queryTimeout * 1000, signal);
    try {
      for (const key of [contentKey(release.cid), packageKey(release.id)]) {
        try {
          const found = network.findProviders(key, { signal: limit.signal });
          for await (const { peerId } of found) yield* fresh([peerId]);
        } catch (error) {
          if (signal.aborted) throw error;
          parts.logger.log("debug", "a provider lookup ended early", { key: toHex(key), error: String(error) });
        }
      }
    } finally {
      limit.end();
    }
    yield* fresh(network.connectedPeers());
  }
  return { providers: connected(), furtherProviders: lookedUp() };
}
