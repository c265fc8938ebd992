import { type CallOptions, fromHex, type OperationId, type Package, packageKey } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { contentKey } from "../peers/holders.ts";
import { withinTime } from "../time-limit.ts";

/** What became of an announcement. */
export interface AnnounceReport {
  readonly announced: boolean;
  readonly recipients: number;
  readonly provided: boolean;
  readonly heldBy: readonly string[];
}

/** Tells the network of our own releases, and of what we hold; what cannot be told yet is queued durably. */
export interface Announcer {
  /**
   * Announces a release of our own. Resolves when peers were told, or when it is queued because there are none.
   * @param replicas - waits until this many peers of different networks proved that they hold the content, for a
   *   minute at most, or `signal` ends the wait
   */
  announce(
    operation: OperationId,
    options: Pick<CallOptions, "onProgress"> & { readonly signal: AbortSignal | undefined; readonly replicas: number },
  ): Promise<AnnounceReport>;
  /** Announces everything queued; called when a peer is there that can be told. Never rejects. */
  drain(): Promise<void>;
  /**
   * As `drain`, after a full node was compared with: it has got what waits, and passes on what it did not have, so that
   * only the newest of it are announced. A thousand announcements keep whoever gets them busy for seconds. Never rejects.
   */
  drainCompared(): Promise<void>;
  /** How many announcements wait. */
  pending(): number;
  /** Tells the DHT that a content is here, in the background. */
  provideContent(cid: string): void;
}

const queueName = "announce-queue";
const maxQueue = 10_000;
const maxProvideMs = 3000;
/** Announcements that went out between two writes of the queue: what is announced twice does no harm. */
const savedEvery = 256;
/** Announcements that are made although a full node has them all: others hear of them at once. */
const announcedCompared = 32;

/** @param parts - the queue is kept in the catalogue's metadata */
export function createAnnouncer(
  parts: Pick<Parts, "catalog" | "clock" | "logger" | "network">,
  waitForReplicas: (release: Package, replicas: number, options: CallOptions) => Promise<readonly string[]>,
): Announcer {
  const queue = new Set<OperationId>(readQueue(parts.catalog.meta(queueName)));
  let draining: Promise<void> | undefined;
  /** Whether somebody asked for another round while one was under way. */
  let wanted = false;
  /** Whether somebody has everything that waits. */
  let isCompared = false;
  const save = (): void => parts.catalog.setMeta(queueName, JSON.stringify([...queue].slice(-maxQueue)));

  const provide = async (digest: Uint8Array, signal?: AbortSignal): Promise<number> => {
    try {
      return (await parts.network()?.provide(digest, signal)) ?? 0;
    } catch (error) {
      parts.logger.log("debug", "a provider record was not stored", { error: String(error) });
      return 0;
    }
  };

  /** @returns how many peers were told */
  const tell = async (id: OperationId): Promise<number> => {
    const network = parts.network();
    const [envelope] = parts.catalog.envelopes([id]);
    if (network === undefined || envelope === undefined || network.connectedPeers().length === 0) return 0;
    return network.announce(envelope);
  };

  /** What is said in the DHT of a release: who has its package, and who its content. */
  const keysOf = (id: OperationId): Uint8Array[] => {
    const known = parts.catalog.release(id);
    return known === undefined ? [] : [packageKey(known.id), contentKey(known.cid)];
  };

  const provideRelease = async (id: OperationId, signal?: AbortSignal): Promise<boolean> => {
    const stored = await Promise.all(keysOf(id).map((key) => provide(key, signal)));
    return stored.some((count) => count > 0);
  };

  const drainOnce = async (): Promise<void> => {
    let unsaved = 0;
    let silent = isCompared ? queue.size - announcedCompared : 0;
    isCompared = false;
    try {
      for (const id of queue) {
        silent -= 1;
        if (silent < 0 && (await tell(id)) === 0) return;
        // Each is two walks of the DHT, and there may be thousands.
        for (const key of keysOf(id)) parts.network()?.provideSoon(key);
        queue.delete(id);
        unsaved += 1;
        if (unsaved % savedEvery === 0) save();
      }
    } finally {
      if (unsaved % savedEvery !== 0) save();
    }
  };

  const drain = (): Promise<void> => {
    wanted = true;
    draining ??= (async () => {
      while (wanted) {
        wanted = false;
        await drainOnce();
      }
    })()
      .catch((error: unknown) => parts.logger.log("warn", "announcing failed", { error: String(error) }))
      .finally(() => (draining = undefined));
    return draining;
  };

  return {
    async announce(id, { signal, replicas, onProgress }) {
      // A walk of the DHT that finds nobody must not hold a publisher up: the record is stored later by itself.
      const [recipients, provided] = await Promise.all([
        tell(id),
        withinTime(parts.clock, maxProvideMs, signal, (bounded) => provideRelease(id, bounded)),
      ]);
      if (recipients === 0) {
        queue.add(id);
        save();
      }
      const known = parts.catalog.release(id);
      const options = {
        ...(signal === undefined ? {} : { signal }),
        ...(onProgress === undefined ? {} : { onProgress }),
      };
      const heldBy = replicas > 0 && known !== undefined ? await waitForReplicas(known, replicas, options) : [];
      return { announced: recipients > 0, recipients, provided, heldBy };
    },
    drain,
    drainCompared() {
      isCompared = true;
      return drain();
    },
    pending: () => queue.size,
    provideContent(cid) {
      void provide(contentKey(cid));
    },
  };
}

function readQueue(text: string | undefined): OperationId[] {
  if (text === undefined) return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.filter((id) => typeof id === "string" && fromHex(id).byteLength === 32) : [];
  } catch {
    return [];
  }
}
