import type { Clock, OperationStore } from "@ggen/p2p-types";

/** News that still comes in is waited for this long, in milliseconds, so that peers are not compared with half of it. */
export const quietMs = 1000;
/** Peers are compared with for this reason at most this often, in milliseconds: whoever has news has to wait. */
export const restMs = 5000;
/** Peers compared with at once; one that stalls holds up one of these. */
const atOnce = 6;

/** What the spreader needs. */
export interface NewsSpreaderComponents {
  readonly clock: Clock;
  /** Connected peers that speak the protocol, in random order. */
  readonly speakers: () => readonly string[];
  /** Compares with a peer; may fail. */
  readonly sync: (peerId: string) => Promise<unknown>;
}

/**
 * Passes on what a comparison brought: what two halves of the network have missed of each other comes in at the one node
 * that met the other half, gossip has long forgotten it, and the others would find it only minutes later. Whoever gets
 * something this way passes it on in turn; a comparison without a difference brings nothing, so it ends.
 */
export class NewsSpreader {
  readonly #components: NewsSpreaderComponents;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #hasNews = false;
  #lastNewsMs = 0;

  constructor(components: NewsSpreaderComponents) {
    this.#components = components;
  }

  /** Operations came in by a comparison. */
  note(): void {
    if (this.#stopping.signal.aborted) return;
    this.#hasNews = true;
    this.#lastNewsMs = this.#components.clock.monotonic();
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
    });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock } = this.#components;
    const { signal } = this.#stopping;
    try {
      while (this.#hasNews) {
        for (let waited = 0; waited < quietMs; waited = clock.monotonic() - this.#lastNewsMs) {
          await clock.sleep(Math.max(1, quietMs - waited), signal);
        }
        this.#hasNews = false;
        await this.#tellEveryone();
        await clock.sleep(restMs, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #tellEveryone(): Promise<void> {
    const waiting = this.#components.speakers().values();
    const worker = async (): Promise<void> => {
      // Workers share the iterator, so that each peer is taken once.
      for (const peerId of waiting) {
        if (this.#stopping.signal.aborted) return;
        await this.#components.sync(peerId).catch(() => {});
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  }
}

/** The same store, which tells when something came in by a comparison. */
export function watchSyncs(operations: OperationStore, onNews: () => void): OperationStore {
  return {
    has: (id) => operations.has(id),
    envelopes: (ids) => operations.envelopes(ids),
    idsOf: (selector, limit) => operations.idsOf(selector, limit),
    reconcileIndex: () => operations.reconcileIndex(),
    contested: () => operations.contested?.() ?? [],
    fingerprint: () => operations.fingerprint(),
    async accept(envelopes, origin) {
      const report = await operations.accept(envelopes, origin);
      if (origin.via === "sync" && report.accepted.length > 0) onNews();
      return report;
    },
  };
}
