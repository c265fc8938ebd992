import type { ContentProvider } from "@ggen/p2p-types";

import { countHeld } from "../chunks/have-map.ts";

/** How often peers that had only a part are asked what they have by now, in milliseconds. */
const partMs = 250;
/** How often peers that had nothing are asked again, in milliseconds. */
const nothingMs = 500;
/** Peers that had nothing, and are remembered. */
const maxLater = 64;

/** Whom to ask now, and when to look again. */
export interface SurveyPlan {
  /** Peers with an open session. */
  readonly askAgain: readonly string[];
  /** Peers whose session was ended because they had nothing. */
  readonly connectAgain: readonly (readonly [string, string | ContentProvider])[];
  /** Undefined when there is nobody to ask again. */
  readonly dueMs: number | undefined;
}

/**
 * Keeps up with what peers have while they are fetching the same content themselves: they are asked again as long as
 * blocks come, and once more before a download gives up. Pure: times come in.
 */
export class HaveSurvey {
  readonly #chunks: number;
  readonly #waiting = new Set<string>();
  readonly #partial = new Set<string>();
  readonly #later = new Map<string, string | ContentProvider>();
  readonly #lacked = new Set<string>();
  #partDueMs: number | undefined;
  #nothingDueMs: number | undefined;
  #wasActive = false;

  /** @param chunks - of the content */
  constructor(chunks: number) {
    this.#chunks = chunks;
  }

  /** Whether an answer is under way. */
  get waiting(): boolean {
    return this.#waiting.size > 0;
  }

  /** A peer was asked what it has. @returns whether it had nothing when it was asked before */
  asked(peerId: string): boolean {
    this.#waiting.add(peerId);
    this.#later.delete(peerId);
    return this.#lacked.has(peerId);
  }

  /** A peer said what it has. @returns whether that is everything */
  answered(peerId: string, haveMap: Uint8Array): boolean {
    this.#waiting.delete(peerId);
    const isWhole = countHeld(haveMap) >= this.#chunks;
    if (isWhole) this.#partial.delete(peerId);
    else this.#partial.add(peerId);
    return isWhole;
  }

  /** A peer has nothing of it. */
  lacks(peerId: string, provider: string | ContentProvider): void {
    this.#waiting.delete(peerId);
    if (this.#chunks === 1 || this.#later.size >= maxLater) return;
    this.#later.set(peerId, provider);
    this.#lacked.add(peerId);
  }

  /** A peer takes no further part. */
  gone(peerId: string): void {
    this.#waiting.delete(peerId);
    this.#partial.delete(peerId);
  }

  /**
   * Whom to ask again. They count as asked.
   * @param isActive - whether blocks are under way: if not, everybody is asked one last time
   */
  due(nowMs: number, isActive: boolean): SurveyPlan {
    const isLast = this.#wasActive && !isActive;
    this.#wasActive = isActive;
    const isDue = (dueMs: number | undefined): boolean => isLast || (isActive && dueMs !== undefined && dueMs <= nowMs);
    const askAgain = isDue(this.#partDueMs) ? [...this.#partial].filter((peerId) => !this.#waiting.has(peerId)) : [];
    const connectAgain = isDue(this.#nothingDueMs) ? [...this.#later] : [];
    for (const peerId of askAgain) this.#waiting.add(peerId);
    for (const [peerId] of connectAgain) this.#later.delete(peerId);
    this.#partDueMs = next(this.#partDueMs, this.#partial.size, nowMs, partMs);
    this.#nothingDueMs = next(this.#nothingDueMs, this.#later.size + connectAgain.length, nowMs, nothingMs);
    const due = [this.#partDueMs, this.#nothingDueMs].filter((dueMs) => dueMs !== undefined);
    return { askAgain, connectAgain, dueMs: isActive && due.length > 0 ? Math.min(...due) : undefined };
  }
}

/** When peers are due next; undefined while there are none. */
function next(dueMs: number | undefined, peers: number, nowMs: number, everyMs: number): number | undefined {
  if (peers === 0) return undefined;
  return dueMs === undefined || dueMs <= nowMs ? nowMs + everyMs : dueMs;
}
