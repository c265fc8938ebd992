import {
  type AcceptReport,
  type Clock,
  fromHex,
  type OperationId,
  type PackageUpdate,
  type PublisherId,
  type SignedOperation,
} from "@ggen/p2p-types";

import { type Admission, costOf } from "../admission/admission.ts";
import type { RemovedOperation } from "../admission/stranger-table.ts";
import { publisherOf } from "../rules/operation-set.ts";
import { applyOperations, type PublisherChange, updatesOf } from "./apply-operations.ts";
import type { CatalogParts } from "./catalog-parts.ts";
import type { EvictionBook } from "./eviction-book.ts";
import { maxAheadSeconds, type IntakeLimits } from "./limits.ts";
import type { Origin } from "./operation-table.ts";
import { type Following, followsOn, type PublisherTip, tipOf } from "./publisher-tips.ts";

/** Operations of a publisher that are read anew cost about so much less than one that is written. */
const readsPerWrite = 8;

/** What the intake works on. */
export interface OperationIntakeInit extends Omit<CatalogParts, "forgetIndex"> {
  readonly clock: Pick<Clock, "now">;
  readonly admission: Admission;
  readonly evictions: EvictionBook;
  readonly limits: IntakeLimits;
  readonly onUpdates: (updates: readonly PackageUpdate[]) => void;
}

/** What was written since the last commit. */
interface Pending {
  readonly inserted: SignedOperation[];
  readonly updates: PackageUpdate[];
  /** Evicted with their publishers. */
  readonly removed: RemovedOperation[];
  readonly evicted: PublisherId[];
  /** Releases appended that are not listed yet. */
  appended: number;
}

const nothing = (): Pending => ({ inserted: [], updates: [], removed: [], evicted: [], appended: 0 });

/**
 * Writes what is well signed, within a transaction that its caller begins and ends. What only follows is appended;
 * anything else has its publisher derived anew. The index and the subscribers learn of what is durable only.
 */
export class OperationIntake {
  readonly #init: OperationIntakeInit;
  #pending = nothing();

  constructor(init: OperationIntakeInit) {
    this.#init = init;
  }

  /** Stores operations. Yields where others may have their turn. */
  *accept(fresh: readonly SignedOperation[], origin: Origin): Generator<void, Omit<AcceptReport, "rejected">> {
    const nowMs = this.#init.clock.now();
    const seenAtMs = Math.min(nowMs, origin.firstSeenMs ?? nowMs);
    const known = this.#init.settings.known();
    if (origin.via !== "local") yield* this.#makeRoom(fresh, origin, known);
    const { byPublisher, deferred } = this.#admit(fresh, origin, nowMs, known);
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
      if (work < this.#init.limits.perTurn) continue;
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
   * Lists what was appended, to be run before the transaction ends: all of a few. A flood follows by {@link listRest}.
   */
  *list(): Generator<void> {
    const { lister, limits } = this.#init;
    const { appended } = this.#pending;
    this.#pending.appended = 0;
    if (appended > 0 && Math.max(appended, lister.unlisted) <= limits.listedAtOnce) yield* lister.list(Infinity);
  }

  /** Lists some of what is not listed yet. @param max - releases */
  *listRest(max: number): Generator<void> {
    yield* this.#init.lister.list(max);
  }

  /** All that was stored is durable. */
  onCommit(): void {
    const { index, onUpdates } = this.#init;
    const { inserted, updates, removed } = this.#pending;
    this.#pending = nothing();
    for (const { id, operation } of inserted) index().insert(operation.time, fromHex(id));
    // Some of them may have been among those inserted.
    for (const { time, id } of removed) index().delete(time, id);
    onUpdates(updates);
  }

  /** Nothing of what was stored since the last commit is there. */
  onRollback(): void {
    this.#init.admission.forget(this.#pending.evicted);
    this.#pending = nothing();
    this.#init.lister.forget();
    this.#init.operations.forgetAll();
    this.#init.publishers.forgetAll();
    this.#init.tips.clear();
  }

  /** Lets strangers go for what comes, where it has no room beside them. */
  *#makeRoom(fresh: readonly SignedOperation[], origin: Origin, known: ReadonlySet<PublisherId>): Generator<void> {
    const { admission, contested, evictions, lister, operations, publishers, tips } = this.#init;
    const arrivals = fresh
      .filter((signed) => admission.mayCome(publisherOf(signed), origin, known))
      .map(({ envelope }) => envelope.byteLength);
    if (arrivals.length === 0) return;
    const evicted = yield* admission.makeRoom(arrivals, this.#pending.removed);
    if (evicted.length === 0) return;
    this.#pending.evicted.push(...evicted);
    for (const publisher of evicted) contested.forget(publisher);
    evictions.add(evicted.length, this.#init.clock.now());
    operations.forgetAll();
    publishers.forgetAll();
    tips.clear();
    lister.stepBack();
  }

  /** Sorts operations by publisher, without those that are too early or for which there is no room. */
  #admit(
    fresh: readonly SignedOperation[],
    origin: Origin,
    nowMs: number,
    known: ReadonlySet<PublisherId>,
  ): { byPublisher: Map<PublisherId, SignedOperation[]>; deferred: Set<OperationId> } {
    const { admission } = this.#init;
    const deferred = new Set<OperationId>();
    const byPublisher = new Map<PublisherId, SignedOperation[]>();
    const room = admission.room();
    let bytes = 0;
    const isOwn = origin.via === "local";
    for (const signed of fresh) {
      const publisher = publisherOf(signed);
      const batch = byPublisher.get(publisher) ?? [];
      const isTooEarly = signed.operation.time > nowMs / 1000 + maxAheadSeconds;
      const cost = costOf(signed.envelope.byteLength);
      const isPreferred = origin.asked === true || known.has(publisher);
      const hasRoom =
        bytes + cost <= (isPreferred ? room.known : room.strangers) &&
        admission.mayCome(publisher, origin, known) &&
        batch.length < this.#quotaLeft(publisher, known);
      if (isTooEarly || !(isOwn || hasRoom)) {
        deferred.add(signed.id);
        continue;
      }
      bytes += cost;
      batch.push(signed);
      byPublisher.set(publisher, batch);
    }
    return { byPublisher, deferred };
  }

  #quotaLeft(publisher: PublisherId, known: ReadonlySet<PublisherId>): number {
    const { limits } = this.#init;
    return (known.has(publisher) ? limits.ofKnown : limits.ofStranger) - this.#tip(publisher).count;
  }

  #tip(publisher: PublisherId): PublisherTip {
    const { tips, publishers } = this.#init;
    const tip = tips.get(publisher) ?? tipOf(publishers.get(publisher));
    tips.put(publisher, tip);
    return tip;
  }

  #append(publisher: PublisherId, { releases, after }: Following, atMs: number, origin: Origin): void {
    const { operations, tips, publishers } = this.#init;
    for (const release of releases) {
      const { id: operation } = release;
      const { id, version } = release.operation;
      operations.insert(release, atMs, origin, true);
      // Who publishes wants to find it, whatever else comes in.
      if (origin.via === "local") this.#init.releases.listNewer(release, atMs);
      this.#pending.inserted.push(release);
      this.#pending.updates.push({ type: "release", id, version, publisher, operation, via: origin.via });
    }
    this.#pending.appended += releases.length;
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
    this.#pending.inserted.push(...change.inserted);
    this.#pending.appended += change.inserted.length;
    this.#pending.updates.push(...updatesOf(change, origin.via));
    return change;
  }
}
