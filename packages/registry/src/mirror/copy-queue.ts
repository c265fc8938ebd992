import type { OperationId, PublisherId, RandomSource } from "@ggen/p2p-types";

/** A release whose content is to be copied. */
export interface WantedCopy {
  readonly operation: OperationId;
  readonly cid: string;
  readonly bytes: number;
  readonly publisher: PublisherId;
  /** Whether the user trusts or follows its publisher. */
  readonly known: boolean;
}

/** How copies are spread over time. */
export interface CopyQueueOptions {
  /** The longest wait in milliseconds before a release that was just heard of is copied; half of it at least. */
  readonly delayMs: number;
  /** Copies under way at once; one place less for those of strangers. 2 or more. */
  readonly maxActive: number;
  /** Bytes per millisecond in the long run, i.e. KB/s; 0 for no limit. */
  readonly kbps: number;
  readonly random: Pick<RandomSource, "number">;
}

interface Entry {
  readonly copy: WantedCopy;
  dueMs: number;
  attempts: number;
}

/** Waiting copies in all, of strangers, and of one publisher: an announcer of junk fills its own places only. */
const maxWaiting = 4096;
const maxWaitingStrangers = 3072;
const maxWaitingEach = 256;
/** A copy that somebody asked for waits this long at most: whoever asks many at once must not send them as one. */
const urgentMs = 500;
const retryMs = 30_000;
const maxRetryMs = 3_600_000;
/** Then it is left until the catalogue is swept again. */
const maxAttempts = 5;

/**
 * Which copies are due. Everybody hears of a release at the same moment: each node waits a random time, takes few at
 * once, one of a publisher, and no more bytes than its rate. Pure: time and chance are passed in.
 */
export class CopyQueue {
  readonly #options: CopyQueueOptions;
  readonly #waiting = new Map<string, Entry>();
  readonly #active = new Map<string, Entry>();
  readonly #perPublisher = new Map<PublisherId, number>();
  /** Copies of strangers that wait or are under way. */
  #strangers = 0;
  /** When the rate allows the next copy. */
  #freeAtMs = 0;

  constructor(options: CopyQueueOptions) {
    this.#options = options;
  }

  /** Copies that wait or are under way. */
  get size(): number {
    return this.#waiting.size + this.#active.size;
  }

  /**
   * Adds a copy; one that waits already may only become due earlier.
   * @param nowMs - a monotonic clock
   * @param urgent - somebody asked for it
   * @returns whether it waits or is under way
   */
  offer(copy: WantedCopy, nowMs: number, urgent = false): boolean {
    if (this.#active.has(copy.cid)) return true;
    const dueMs = nowMs + this.#spread(urgent ? urgentMs : this.#options.delayMs);
    const waiting = this.#waiting.get(copy.cid);
    if (waiting !== undefined) {
      if (urgent) waiting.dueMs = Math.min(waiting.dueMs, dueMs);
      return true;
    }
    const own = this.#perPublisher.get(copy.publisher) ?? 0;
    if (this.#waiting.size >= maxWaiting || own >= maxWaitingEach) return false;
    if (!copy.known && this.#strangers >= maxWaitingStrangers) return false;
    this.#strangers += copy.known ? 0 : 1;
    this.#perPublisher.set(copy.publisher, own + 1);
    this.#waiting.set(copy.cid, { copy, dueMs, attempts: 0 });
    return true;
  }

  /**
   * The next copy to take now, which is under way from here on.
   * @returns undefined when none is due, or enough are under way
   */
  take(nowMs: number): WantedCopy | undefined {
    if (this.#active.size >= this.#options.maxActive || nowMs < this.#freeAtMs) return undefined;
    const entry = this.#first();
    if (entry === undefined || entry.dueMs > nowMs) return undefined;
    this.#waiting.delete(entry.copy.cid);
    this.#active.set(entry.copy.cid, entry);
    return entry.copy;
  }

  /** When {@link take} may give something, without anything else happening; undefined: not before. */
  nextMs(): number | undefined {
    if (this.#active.size >= this.#options.maxActive) return undefined;
    const entry = this.#first();
    return entry === undefined ? undefined : Math.max(entry.dueMs, this.#freeAtMs);
  }

  /** A copy is here, or is not wanted any more. @param bytes - that were fetched for it */
  done(cid: string, nowMs: number, bytes: number): void {
    this.#pay(nowMs, bytes);
    const entry = this.#active.get(cid);
    this.#active.delete(cid);
    if (entry !== undefined) this.#leave(entry);
  }

  /** A copy could not be fetched: it is tried again, later each time, and at last given up. */
  failed(cid: string, nowMs: number): void {
    const entry = this.#active.get(cid);
    this.#active.delete(cid);
    if (entry === undefined) return;
    entry.attempts += 1;
    if (entry.attempts >= maxAttempts) {
      this.#leave(entry);
      return;
    }
    entry.dueMs = nowMs + this.#spread(Math.min(maxRetryMs, retryMs * 4 ** (entry.attempts - 1)));
    this.#waiting.set(cid, entry);
  }

  /** A copy was interrupted by something more important: it goes on when that is over. */
  interrupted(cid: string, nowMs: number): void {
    const entry = this.#active.get(cid);
    this.#active.delete(cid);
    if (entry === undefined) return;
    entry.dueMs = nowMs + this.#spread(urgentMs);
    this.#waiting.set(cid, entry);
  }

  /** The one that is due first, of a publisher of which none is under way. */
  #first(): Entry | undefined {
    const active = [...this.#active.values()].map(({ copy }) => copy);
    const busy = new Set(active.map(({ publisher }) => publisher));
    const knownOnly = active.filter(({ known }) => !known).length >= this.#options.maxActive - 1;
    let first: Entry | undefined;
    for (const entry of this.#waiting.values()) {
      if (busy.has(entry.copy.publisher) || (knownOnly && !entry.copy.known)) continue;
      if (first === undefined || entry.dueMs < first.dueMs) first = entry;
    }
    return first;
  }

  #leave({ copy }: Entry): void {
    this.#strangers -= copy.known ? 0 : 1;
    const rest = (this.#perPublisher.get(copy.publisher) ?? 1) - 1;
    if (rest === 0) this.#perPublisher.delete(copy.publisher);
    else this.#perPublisher.set(copy.publisher, rest);
  }

  #pay(nowMs: number, bytes: number): void {
    const { kbps } = this.#options;
    if (kbps > 0) this.#freeAtMs = Math.max(nowMs, this.#freeAtMs) + bytes / kbps;
  }

  #spread(ms: number): number {
    return ms * (0.5 + this.#options.random.number() / 2);
  }
}
