import { type Clock, isGgenError, type Logger, type Package, type RandomSource } from "@ggen/p2p-types";

import { CopyQueue, type WantedCopy } from "./copy-queue.ts";
import type { Traffic } from "./traffic.ts";

/** Copies under way at once, each of another publisher, one place less for those of strangers. */
const maxActive = 3;
/** A copy that takes longer than this is tried again later: its holders must not keep a place for ever. */
const minCopyMs = 30_000;
const minBytesPerMs = 20;
/** How long nothing is copied after the disk was full. */
const fullPauseMs = 600_000;

/** What a copier needs. */
export interface CopierParts {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random: Pick<RandomSource, "number">;
  readonly traffic: Traffic;
}

/** What a copier is for. */
export interface CopyWork {
  /** The release as it is known now; undefined when no copy of it is wanted any more. */
  wanted(copy: WantedCopy): Package | undefined;
  /** Fetches a copy and keeps it. @returns bytes that were fetched */
  take(release: Package, signal: AbortSignal): Promise<number>;
  /** What was fetched is no package, and never will be. */
  refuse(cid: string): Promise<void>;
}

/**
 * Carries the queue of copies out: begins what is due, sets a time limit to each, stops at once for what the user
 * fetches, and tries again what failed. Which copies are taken is decided by whoever offers them.
 */
export class Copier {
  readonly #parts: CopierParts;
  readonly #work: CopyWork;
  readonly #queue: CopyQueue;
  readonly #stopping = new AbortController();
  /** Ends the copies under way when the user fetches something. */
  #yielding = new AbortController();
  #pausedUntilMs = 0;
  #timer: AbortController | undefined;
  readonly #active = new Set<Promise<void>>();
  readonly #unwatch: () => void;

  /**
   * @param delayMs - the longest wait before a release that was just heard of is copied
   * @param kbps - in KB/s, in the long run; 0 for no limit
   */
  constructor(
    parts: CopierParts,
    { delayMs, kbps }: { readonly delayMs: number; readonly kbps: number },
    work: CopyWork,
  ) {
    this.#parts = parts;
    this.#work = work;
    this.#queue = new CopyQueue({ delayMs, maxActive, kbps, random: parts.random });
    this.#unwatch = parts.traffic.onChange(() => this.#onTraffic());
  }

  /** Copies that wait or are under way. */
  get size(): number {
    return this.#queue.size;
  }

  /** Adds a copy. @param urgent - somebody asked for it. @returns whether it waits or is under way */
  offer(copy: WantedCopy, urgent: boolean): boolean {
    const taken = this.#queue.offer(copy, this.#parts.clock.monotonic(), urgent);
    if (taken) this.#pump();
    return taken;
  }

  /** Ends what is under way; what was fetched of it stays for the next run. */
  async stop(): Promise<void> {
    this.#unwatch();
    this.#stopping.abort();
    this.#timer?.abort();
    await Promise.all(this.#active);
  }

  #onTraffic(): void {
    if (this.#parts.traffic.busy) {
      this.#yielding.abort();
      this.#yielding = new AbortController();
    } else {
      this.#pump();
    }
  }

  /** Begins what is due, and sets the timer for what will be. */
  #pump(): void {
    this.#timer?.abort();
    this.#timer = undefined;
    const { clock, traffic } = this.#parts;
    if (this.#stopping.signal.aborted || traffic.busy) return;
    const nowMs = clock.monotonic();
    if (nowMs >= this.#pausedUntilMs) {
      for (let next = this.#queue.take(nowMs); next !== undefined; next = this.#queue.take(nowMs)) this.#begin(next);
    }
    const dueMs = this.#queue.nextMs();
    if (dueMs === undefined) return;
    const timer = new AbortController();
    this.#timer = timer;
    clock.sleep(Math.max(0, dueMs - nowMs, this.#pausedUntilMs - nowMs), timer.signal).then(
      () => this.#pump(),
      () => {},
    );
  }

  #begin(copy: WantedCopy): void {
    const copying = this.#copy(copy).finally(() => {
      this.#active.delete(copying);
      this.#pump();
    });
    this.#active.add(copying);
  }

  async #copy(copy: WantedCopy): Promise<void> {
    const { clock } = this.#parts;
    const release = this.#work.wanted(copy);
    if (release === undefined) {
      this.#queue.done(copy.cid, clock.monotonic(), 0);
      return;
    }
    const yielding = this.#yielding.signal;
    const late = new AbortController();
    const ended = new AbortController();
    clock.sleep(minCopyMs + release.size / minBytesPerMs, ended.signal).then(
      () => late.abort(),
      () => {},
    );
    const signal = AbortSignal.any([yielding, this.#stopping.signal, late.signal]);
    try {
      const bytes = await this.#work.take(release, signal);
      this.#queue.done(copy.cid, clock.monotonic(), bytes);
    } catch (error) {
      const nowMs = clock.monotonic();
      if (yielding.aborted && !this.#stopping.signal.aborted) this.#queue.interrupted(copy.cid, nowMs);
      else await this.#onFailure(release, error, nowMs);
    } finally {
      ended.abort();
    }
  }

  async #onFailure({ cid, id, version, size }: Package, error: unknown, nowMs: number): Promise<void> {
    this.#parts.logger.log("debug", "a copy was not taken", { package: `${id}@${version}`, error: String(error) });
    if (isGgenError(error, "archive.invalid") || isGgenError(error, "content.mismatch")) {
      await this.#work.refuse(cid);
      this.#queue.done(cid, nowMs, size);
      return;
    }
    if (isGgenError(error, "storage.full")) this.#pausedUntilMs = nowMs + fullPauseMs;
    this.#queue.failed(cid, nowMs);
  }
}
