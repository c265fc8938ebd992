import type { DatabaseSync } from "node:sqlite";

import type { Clock, PublisherId } from "@ggen/p2p-types";

import type { ListingTermTable } from "../replica/listing-terms.ts";
import { chooseEvictions } from "./choose-evictions.ts";
import { bytesBesideEnvelope, type RemovedOperation, StrangerTable } from "./stranger-table.ts";
import { TimedSet } from "./timed-set.ts";

/**
 * Parts of the cap: beyond the first strangers are evicted, down to the second; beyond the third no more of them come in,
 * beyond the fourth nobody else's. The rest is for own operations, and for what the search index needs while it merges.
 */
const parts = { strangers: 0.8, afterEviction: 0.7, strangersEnd: 0.85, known: 0.9 } as const;
/** How long an evicted publisher is not let in again, and a peer over its share brings no strangers, in milliseconds. */
const evictedForMs = 24 * 3_600_000;
const closedForMs = 10 * 60_000;
/** What search is going to need for an operation that it does not list yet, on average over all kinds. */
const bytesToList = 400;
/** Publishers, and peers, that are remembered for it, about 150 bytes each. */
const maxRemembered = 65_536;
/** Where nobody is left who could go, it is looked again after so long, in milliseconds. */
const restMs = 60_000;
/** The room that a search index gives back comes late: it is looked again at what is free, so often at most. */
const maxRounds = 3;

/** How operations came, as far as it decides whether there is room. */
export interface ArrivalOrigin {
  /** The peer that brought them. */
  readonly peer?: string;
  /** Whether the user asked for them. */
  readonly asked?: boolean;
}

/** What eviction works on. */
export interface AdmissionInit {
  readonly db: DatabaseSync;
  readonly terms: ListingTermTable;
  readonly clock: Pick<Clock, "now">;
  /** Cap of the database in bytes, and of its operations. */
  readonly maxBytes: number;
  readonly maxOperations: number;
  /** For whom the user decided something. */
  readonly known: () => ReadonlySet<PublisherId>;
  /** Operations that are stored, and those among them that search does not list yet. */
  readonly operations: () => number;
  readonly unlisted: () => number;
}

/** Keeps the catalogue under its cap: strangers have most of it, and make room as whole publishers when it is used up. */
export class Admission {
  readonly #init: AdmissionInit;
  readonly #strangers: StrangerTable;
  readonly #evicted = new TimedSet(maxRemembered);
  readonly #closed = new TimedSet(maxRemembered);
  #restsUntilMs = -Infinity;

  constructor(init: AdmissionInit) {
    this.#init = init;
    this.#strangers = new StrangerTable(init.db, init.terms);
  }

  /** Whether operations of a publisher may come from there now, as far as there is room. */
  mayCome(publisher: PublisherId, { peer, asked = false }: ArrivalOrigin, known: ReadonlySet<PublisherId>): boolean {
    if (asked || known.has(publisher)) return true;
    const nowMs = this.#init.clock.now();
    return !this.#evicted.has(publisher, nowMs) && !(peer !== undefined && this.#closed.has(peer, nowMs));
  }

  /**
   * Evicts strangers when what comes has no room beside them. To be run in the transaction that stores it.
   * @param arrivals - bytes of the envelopes that come
   * @param removed - gets every operation as it goes
   * @returns the publishers that went
   */
  *makeRoom(arrivals: readonly number[], removed: RemovedOperation[]): Generator<void, readonly PublisherId[]> {
    const { clock, known, maxBytes } = this.#init;
    const nowMs = clock.now();
    let needed = this.#neededBytes(arrivals);
    if (needed <= 0 || nowMs < this.#restsUntilMs) return [];
    this.#strangers.removeWaiting();
    let strangers = yield* this.#strangers.read(nowMs, known());
    const publishers: PublisherId[] = [];
    for (let round = 0; round < maxRounds && needed > 0 && strangers.length > 0; round += 1) {
      const chosen = chooseEvictions(strangers, needed);
      const gone = new Set(chosen);
      strangers = strangers.filter((stranger) => !gone.has(stranger));
      for (const { publisher } of chosen) publishers.push(this.#strangers.nameOf(publisher));
      for (const { source } of chosen) this.#closed.add(source, nowMs + closedForMs);
      const numbers = chosen.map(({ publisher }) => publisher);
      yield* this.#strangers.remove(numbers, removed);
      const used = this.#usedBytes();
      needed = used > maxBytes * parts.strangers ? used - maxBytes * parts.afterEviction : 0;
    }
    if (strangers.length === 0) this.#restsUntilMs = nowMs + restMs;
    for (const publisher of publishers) this.#evicted.add(publisher, nowMs + evictedForMs);
    return publishers;
  }

  /** What may be stored beside what there is, in bytes of envelopes and what comes with them. */
  room(): { readonly strangers: number; readonly known: number } {
    const { maxBytes, maxOperations, operations } = this.#init;
    const used = this.#usedBytes();
    const isCountFull = operations() >= maxOperations;
    return {
      strangers: isCountFull ? 0 : maxBytes * parts.strangersEnd - used,
      known: isCountFull ? 0 : maxBytes * parts.known - used,
    };
  }

  /** Lets go of what was remembered of an eviction that was taken back. */
  forget(publishers: readonly PublisherId[]): void {
    for (const publisher of publishers) this.#evicted.delete(publisher);
  }

  /** Bytes that have to become free before arrivals have room; 0 or less when they have it. */
  #neededBytes(arrivals: readonly number[]): number {
    const { maxBytes, maxOperations, operations } = this.#init;
    const used = this.#usedBytes();
    let arriving = 0;
    for (const bytes of arrivals) arriving += costOf(bytes);
    const count = operations();
    const isOver = used + arriving > maxBytes * parts.strangers || count + arrivals.length > maxOperations;
    if (!isOver) return 0;
    const ofCount = (count + arrivals.length - maxOperations * parts.strangers) * (used / Math.max(1, count));
    return Math.max(used - maxBytes * parts.afterEviction, count + arrivals.length > maxOperations ? ofCount : 0);
  }

  /** Bytes of the file that hold something, and those that listing what is stored is going to need. */
  #usedBytes(): number {
    const { db, unlisted } = this.#init;
    const read = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (read("page_count") - read("freelist_count")) * read("page_size") + unlisted() * bytesToList;
  }
}

/** About what an operation takes of the database. @param bytes - of its envelope */
export function costOf(bytes: number): number {
  return bytes + bytesBesideEnvelope;
}
