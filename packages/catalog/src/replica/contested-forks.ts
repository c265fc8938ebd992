import { isPublisherId, type OperationId, type PublisherId } from "@ggen/p2p-types";

import type { SettingsTable } from "./settings-table.ts";

/** Publishers with a contested fork that are remembered; beyond it those that the user knows stay. */
const maxPublishers = 256;
/** Operations of one publisher that are remembered: every honest fork has two. */
const maxOfPublisher = 16;
/** Operations that one comparison asks after. */
const atOnce = 64;

const metaKey = "catalog.contested";

/**
 * The authority operations whose signatures decide a fork. An operation is compared by what it says; who signed which copy
 * of it is not in its id. So that all nodes see the same winner, copies of these few are asked for whenever two nodes
 * compare, and their signatures united.
 */
export class ContestedForks {
  readonly #settings: SettingsTable;
  #turn = 0;

  constructor(settings: SettingsTable) {
    this.#settings = settings;
  }

  /** Remembers what is contested of a publisher now. To be run in the transaction that stores it. */
  note(publisher: PublisherId, contested: readonly OperationId[]): void {
    const all = this.#read();
    all.delete(publisher);
    if (contested.length > 0) all.set(publisher, contested.slice(0, maxOfPublisher));
    for (const known of all.keys()) {
      if (all.size <= maxPublishers) break;
      if (known !== publisher && !this.#settings.isKnown(known)) all.delete(known);
    }
    this.#settings.setMeta(metaKey, all.size === 0 ? undefined : JSON.stringify([...all]));
  }

  /** Forgets a publisher that went. To be run in the transaction in which it goes. */
  forget(publisher: PublisherId): void {
    if (this.#settings.meta(metaKey)?.includes(publisher) === true) this.note(publisher, []);
  }

  /** Some of what is contested, others the next time. */
  next(): readonly OperationId[] {
    const ids = [...this.#read().values()].flat();
    if (ids.length <= atOnce) return ids;
    const from = (this.#turn++ * atOnce) % ids.length;
    return [...ids, ...ids].slice(from, from + atOnce);
  }

  #read(): Map<PublisherId, readonly OperationId[]> {
    const text = this.#settings.meta(metaKey);
    if (text === undefined) return new Map();
    const rows = JSON.parse(text) as readonly (readonly [PublisherId, readonly OperationId[]])[];
    return new Map(rows.filter(([publisher]) => isPublisherId(publisher)));
  }
}
