import { type Clock, type Logger, toGgenError } from "@ggen/p2p-types";

import type { SyncReport } from "./types.ts";

/** How often a random peer is reconciled with, in milliseconds. */
export const syncIntervalMs = 120_000;

/** How soon a session that broke off, or left something to fetch, is followed by another, in milliseconds. */
export const syncRetryMs = 5000;
/** So many times in a row. */
const maxRetries = 3;

/** What the scheduler needs. */
export interface SyncSchedulerComponents {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Whether sessions are begun without being asked for by name: not by a light node. */
  readonly isActive: boolean;
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
  /** Sessions in a row that did not do all, by peer. */
  readonly #retries = new Map<string, number>();
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
          if (report.equal || report.received === 0) this.#retries.delete(peerId);
          else this.#retry(peerId);
          return report;
        },
        (error: unknown) => {
          const failure = toGgenError(error, "network.protocol");
          this.#components.onEnd(peerId, failure);
          // Whoever breaks the protocol is not asked again so soon.
          if (failure.code !== "network.protocol") this.#retry(peerId);
          throw failure;
        },
      )
      .finally(() => this.#running.delete(peerId));
    this.#running.set(peerId, session);
    return session;
  }

  /** Reconciles in the background; a failure is logged, and made good by a later session. */
  syncSoon(peerId: string): void {
    if (!this.#components.isActive) return;
    this.syncWith(peerId).catch((error: unknown) => {
      if (this.#stopping.signal.aborted) return;
      this.#components.logger.log("debug", "a reconciliation failed", { peerId, error: String(error) });
    });
  }

  /** What was fetched is stored: the next session fetches the rest. */
  #retry(peerId: string): void {
    const { clock, speakers } = this.#components;
    const { signal } = this.#stopping;
    const retries = (this.#retries.get(peerId) ?? 0) + 1;
    this.#retries.delete(peerId);
    if (retries > maxRetries || signal.aborted) return;
    this.#retries.set(peerId, retries);
    clock.sleep(retries * syncRetryMs, signal).then(
      () => {
        if (speakers().includes(peerId)) this.syncSoon(peerId);
        else this.#retries.delete(peerId);
      },
      () => {},
    );
  }

  #syncWithSomeone(): void {
    const [peerId] = this.#components.speakers();
    if (peerId !== undefined && !this.#stopping.signal.aborted) this.syncSoon(peerId);
  }
}
