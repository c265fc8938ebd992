import { createHash } from "node:crypto";

import {
  type AcceptReport,
  openEnvelope,
  type OperationStore,
  type ReconcileIndex,
  type ReconcileItem,
  type SignedOperation,
  fromHex,
  toPublisherId,
} from "@ggen/p2p-types";

/** A catalogue in memory: real verification, no rules. */
export class MemoryOperations implements OperationStore {
  readonly held = new Map<string, SignedOperation>();
  readonly origins = new Map<string, string>();
  readonly contestedIds: string[] = [];
  /** Told of everything that is given to it. */
  onAccept: (envelopes: readonly Uint8Array[]) => void = () => {};
  /** Whether it takes nothing of what it is given now. */
  defers = false;
  /** What it gives out in place of an envelope. */
  spoil: (envelope: Uint8Array) => Uint8Array = (envelope) => envelope;
  #sorted: ReconcileItem[] | undefined;
  readonly #waiting: { count: number; resolve: () => void }[] = [];

  has(id: string): boolean {
    return this.held.has(id);
  }

  envelopes(ids: readonly string[]): Uint8Array[] {
    return ids.flatMap((id) => {
      const envelope = this.held.get(id)?.envelope;
      return envelope === undefined ? [] : [this.spoil(envelope)];
    });
  }

  idsOf(selector: { readonly publisher: string } | { readonly package: string }, limit: number): string[] {
    return [...this.held.values()]
      .filter(({ id, operation }) =>
        "publisher" in selector
          ? ("publisher" in operation ? operation.publisher : toPublisherId(id)) === selector.publisher
          : "id" in operation && operation.id === selector.package,
      )
      .map(({ id }) => id)
      .slice(0, limit);
  }

  contested(): readonly string[] {
    return this.contestedIds;
  }

  accept(
    envelopes: readonly Uint8Array[],
    origin: { readonly via: string; readonly peer?: string },
  ): Promise<AcceptReport> {
    this.onAccept(envelopes);
    const accepted: string[] = [];
    const known: string[] = [];
    const deferred: string[] = [];
    const rejected: { index: number; error: Error }[] = [];
    this.#sorted = undefined;
    for (const [index, envelope] of envelopes.entries()) {
      try {
        const signed = openEnvelope(envelope);
        if (this.held.has(signed.id)) {
          known.push(signed.id);
          continue;
        }
        if (this.defers) {
          deferred.push(signed.id);
          continue;
        }
        this.held.set(signed.id, signed);
        this.origins.set(signed.id, origin.via);
        accepted.push(signed.id);
      } catch (error) {
        rejected.push({ index, error: error as Error });
      }
    }
    for (const waiting of this.#waiting) if (this.held.size >= waiting.count) waiting.resolve();
    return Promise.resolve({ accepted, known, deferred, rejected });
  }

  /** Resolves when at least so many operations are held. */
  async holds(count: number): Promise<void> {
    if (this.held.size >= count) return;
    await new Promise<void>((resolve) => this.#waiting.push({ count, resolve }));
  }

  reconcileIndex(): ReconcileIndex {
    const items = (): ReconcileItem[] =>
      (this.#sorted ??= [...this.held.values()]
        .map(({ id, operation }) => ({ time: operation.time, id: fromHex(id) }))
        .toSorted((a, b) => a.time - b.time || Buffer.compare(a.id, b.id)));
    return {
      get size() {
        return items().length;
      },
      lowerBound: (time, prefix) =>
        items().filter((item) => item.time < time || (item.time === time && Buffer.compare(item.id, prefix) < 0))
          .length,
      at(rank) {
        const item = items()[rank];
        if (item === undefined) throw new RangeError("no such rank");
        return item;
      },
      sum(from, to) {
        let total = 0n;
        for (const { id } of items().slice(from, to)) {
          total += BigInt(`0x${Buffer.from(id).reverse().toString("hex")}`);
        }
        return Buffer.from((total % 2n ** 256n).toString(16).padStart(64, "0"), "hex").reverse();
      },
    };
  }

  fingerprint(): string {
    const hash = createHash("sha256");
    for (const id of [...this.held.keys()].toSorted()) hash.update(id);
    return hash.digest("hex");
  }
}
