import type { DatabaseSync } from "node:sqlite";

import {
  type AcceptReport,
  type Clock,
  fromHex,
  type OperationId,
  type PackageUpdate,
  type PublisherId,
  type SignedOperation,
} from "@ggen/p2p-types";

import type { MutableReconcileIndex } from "../reconcile/reconcile-index.ts";
import { publisherOf } from "../rules/operation-set.ts";
import { applyOperations, type PublisherChange, updatesOf } from "./apply-operations.ts";
import type { ContestedForks } from "./contested-forks.ts";
import { maxAheadSeconds, maxOperations, maxOperationsOfKnown, maxOperationsOfStranger } from "./limits.ts";
import type { OperationTable, Origin } from "./operation-table.ts";
import type { PublisherStore } from "./publisher-store.ts";
import { type Following, followsOn, type PublisherTip, type PublisherTips, tipOf } from "./publisher-tips.ts";
import type { ReleaseLister } from "./release-lister.ts";
import type { ReleaseTable } from "./release-table.ts";
import type { SettingsTable } from "./settings-table.ts";

/** Operations that are written in one go, about 10 ms; others get their turn in between. */
const operationsPerTurn = 128;
/** Operations of a publisher that are read anew cost about so much less than one that is written. */
const readsPerWrite = 8;

/** Appended releases of one transaction that are listed in it; more than these are a flood. */
const maxListedAtOnce = 1024;
/** Releases that are listed in a transaction of a flood, and in one when nothing else is to be done. */
const listedInFlood = 256;
const listedWhenIdle = 2048;

/** What the intake works on. */
export interface OperationIntakeInit {
  readonly db: DatabaseSync;
  readonly clock: Clock;
  readonly maxBytes: number;
  readonly operations: OperationTable;
  readonly releases: ReleaseTable;
  readonly lister: ReleaseLister;
  readonly settings: SettingsTable;
  readonly contested: ContestedForks;
  readonly publishers: PublisherStore;
  readonly tips: PublisherTips;
  readonly index: () => MutableReconcileIndex;
  readonly onUpdates: (updates: readonly PackageUpdate[]) => void;
}

/**
 * Writes what is well signed, within a transaction that its caller begins and ends. What only follows is appended;
 * anything else has its publisher derived anew. The index and the subscribers learn of what is durable only.
 */
export class OperationIntake {
  readonly #init: OperationIntakeInit;
  /** Admitted, not yet durable. */
  #inserted: SignedOperation[] = [];
  #updates: PackageUpdate[] = [];
  /** Releases appended in this transaction that are not listed yet. */
  #appended = 0;

  constructor(init: OperationIntakeInit) {
    this.#init = init;
  }

  /** Stores operations. Yields where others may have their turn. */
  *accept(fresh: readonly SignedOperation[], origin: Origin): Generator<void, Omit<AcceptReport, "rejected">> {
    const nowMs = this.#init.clock.now();
    const seenAtMs = Math.min(nowMs, origin.firstSeenMs ?? nowMs);
    const { byPublisher, deferred } = this.#admit(fresh, origin, nowMs);
    const news = new Set<OperationId>();
    let work = 0;
    for (const [publisher, batch] of byPublisher) {
      work += batch.length;
      const tip = this.#init.tips.get(publisher);
      const following =
        tip && followsOn(tip, batch, (id, version) => this.#init.releases.isReleased(publisher, id, version));
      if (following !== undefined) {
        this.#append(publisher, following, seenAtMs, origin);
        for (const { id } of batch) news.add(id);
      } else {
        const change = this.#derive(publisher, batch, seenAtMs, origin);
        work += change.admitted.size / readsPerWrite;
        for (const { id } of [...change.inserted, ...change.replaced, ...change.waits]) news.add(id);
        for (const id of change.dropped) deferred.add(id);
      }
      if (work < operationsPerTurn) continue;
      work = 0;
      yield;
    }
    const rest = [...new Set(fresh.map(({ id }) => id))].filter((id) => !deferred.has(id));
    return {
      accepted: rest.filter((id) => news.has(id)),
      known: rest.filter((id) => !news.has(id)),
      deferred: [...deferred],
    };
  }

  /**
   * Lists what was appended, to be run before the transaction ends: all of a few. Of a flood only some, so that what is
   * there can be searched while more comes; the others follow by {@link listRest}.
   */
  *list(): Generator<void> {
    const { lister } = this.#init;
    const appended = this.#appended;
    this.#appended = 0;
    if (appended > 0) yield* lister.list(lister.isBehind || appended > maxListedAtOnce ? listedInFlood : Infinity);
  }

  /** Lists some of what is not listed yet. */
  *listRest(): Generator<void> {
    yield* this.#init.lister.list(listedWhenIdle);
  }

  /** All that was stored is durable. */
  onCommit(): void {
    const { index, onUpdates } = this.#init;
    const inserted = this.#inserted;
    const updates = this.#updates;
    this.#inserted = [];
    this.#updates = [];
    for (const { id, operation } of inserted) index().insert(operation.time, fromHex(id));
    onUpdates(updates);
  }

  /** Nothing of what was stored since the last commit is there. */
  onRollback(): void {
    this.#inserted = [];
    this.#updates = [];
    this.#appended = 0;
    this.#init.lister.forget();
    this.#init.operations.forgetAll();
    this.#init.publishers.forgetAll();
    this.#init.tips.clear();
  }

  /** Sorts operations by publisher, without those that are too early or for which there is no room. */
  #admit(
    fresh: readonly SignedOperation[],
    origin: Origin,
    nowMs: number,
  ): { byPublisher: Map<PublisherId, SignedOperation[]>; deferred: Set<OperationId> } {
    const { db, index, maxBytes } = this.#init;
    const deferred = new Set<OperationId>();
    const byPublisher = new Map<PublisherId, SignedOperation[]>();
    let room = maxOperations - index().size - this.#inserted.length;
    const isOwn = origin.via === "local";
    const isFull = !isOwn && databaseBytes(db) >= maxBytes;
    for (const signed of fresh) {
      const publisher = publisherOf(signed);
      const batch = byPublisher.get(publisher) ?? [];
      const isTooEarly = signed.operation.time > nowMs / 1000 + maxAheadSeconds;
      if (isTooEarly || (!isOwn && (isFull || room <= 0 || !this.#hasRoom(publisher, batch.length)))) {
        deferred.add(signed.id);
        continue;
      }
      room--;
      batch.push(signed);
      byPublisher.set(publisher, batch);
    }
    return { byPublisher, deferred };
  }

  #hasRoom(publisher: PublisherId, more: number): boolean {
    const wanted = this.#tip(publisher).count + more + 1;
    if (wanted <= maxOperationsOfStranger) return true;
    return wanted <= maxOperationsOfKnown && this.#init.settings.isKnown(publisher);
  }

  #tip(publisher: PublisherId): PublisherTip {
    const { tips, publishers } = this.#init;
    const known = tips.get(publisher);
    if (known !== undefined) return known;
    const tip = tipOf(publishers.get(publisher));
    tips.put(publisher, tip);
    return tip;
  }

  #append(publisher: PublisherId, { releases, after }: Following, atMs: number, origin: Origin): void {
    const { operations, tips, publishers } = this.#init;
    for (const release of releases) {
      const { id: operation } = release;
      const { id, version } = release.operation;
      operations.insert(release, atMs, origin);
      this.#init.releases.append(release);
      // Who publishes wants to find it, whatever else comes in.
      if (origin.via === "local") this.#init.releases.listNewer(release, atMs);
      this.#inserted.push(release);
      this.#updates.push({ type: "release", id, version, publisher, operation, via: origin.via });
    }
    this.#appended += releases.length;
    tips.put(publisher, after);
    publishers.forget(publisher);
  }

  #derive(publisher: PublisherId, batch: readonly SignedOperation[], atMs: number, origin: Origin): PublisherChange {
    const { operations, releases, publishers, tips } = this.#init;
    const change = applyOperations(publishers.get(publisher), batch);
    for (const signed of change.inserted) {
      operations.insert(signed, atMs, origin);
      if (change.before.waiting.length > 0) operations.stopWaiting(publisher, signed.id);
    }
    for (const id of change.purged) operations.stopWaiting(publisher, id);
    for (const { id, envelope } of change.replaced) operations.replaceEnvelope(id, envelope);
    for (const signed of change.waits) operations.wait(signed, atMs, origin);
    if (change.waits.length > 0) operations.trimWaiting(publisher);
    if (change.before.state.contested.join() !== change.state.contested.join()) {
      this.#init.contested.note(publisher, change.state.contested);
    }
    const standings = new Map(change.before.standings);
    releases.update(publisher, change.state.releases, standings, atMs);
    const { admitted, waiting, state } = change;
    const stored = { publisher, admitted, waiting, state, standings };
    publishers.put(stored);
    tips.put(publisher, tipOf(stored));
    this.#inserted.push(...change.inserted);
    this.#appended += change.inserted.length;
    this.#updates.push(...updatesOf(change, origin.via));
    return change;
  }
}

function databaseBytes(db: DatabaseSync): number {
  const pages = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
  return pages * Number(db.prepare("PRAGMA page_size").get()?.["page_size"]);
}
