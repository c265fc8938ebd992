import { type Clock, type Logger, toGgenError } from "@ggen/p2p-types";

import type { SyncReport } from "./types.ts";

/** How often a random peer is reconciled with, in milliseconds. */
export const syncIntervalMs = 120_000;

/** What the scheduler needs. */
export interface SyncSchedulerComponents {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Connected peers that speak the protocol, in random order. */
  readonly speakers: () => readonly string[];
  readonly sync: (peerId: string, signal: AbortSignal) => Promise<SyncReport>;
  readonly onEnd: (peerId: string, result: SyncReport | Error) => void;
}

/** Reconciles with peers: one session per peer at a time, asked for twice it is shared. */
export class SyncScheduler {
  readonly #components: SyncSchedulerComponents;
  readonly #running = new Map<string, Promise<SyncReport>>();
  readonly #stopping = new AbortController();
  #stopTimer: (() => void) | undefined;

  constructor(components: SyncSchedulerComponents) {
    this.#components = components;
  }

  start(): void {
    this.#stopTimer = this.#components.clock.every(syncIntervalMs, () => this.#syncWithSomeone());
  }

  async stop(): Promise<void> {
    this.#stopTimer?.();
    this.#stopping.abort();
    await Promise.allSettled(this.#running.values());
  }

  /** Reconciles with a peer now. */
  syncWith(peerId: string, signal?: AbortSignal): Promise<SyncReport> {
    const running = this.#running.get(peerId);
    if (running !== undefined) return running;
    const combined = signal === undefined ? this.#stopping.signal : AbortSignal.any([signal, this.#stopping.signal]);
    const session = this.#components
      .sync(peerId, combined)
      .then(
        (report) => {
          this.#components.onEnd(peerId, report);
          return report;
        },
        (error: unknown) => {
          const failure = toGgenError(error, "network.protocol");
          this.#components.onEnd(peerId, failure);
          throw failure;
        },
      )
      .finally(() => this.#running.delete(peerId));
    this.#running.set(peerId, session);
    return session;
  }

  /** Reconciles in the background; a failure is logged, and made good by a later session. */
  syncSoon(peerId: string): void {
    this.syncWith(peerId).catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#components.logger.log("debug", "a reconciliation failed", { peerId, error: String(error) });
    });
  }

  #syncWithSomeone(): void {
    const [peerId] = this.#components.speakers();
    if (peerId !== undefined && !this.#stopping.signal.aborted) this.syncSoon(peerId);
  }
}
