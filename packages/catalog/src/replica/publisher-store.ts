import type { OperationId, PublisherId, SignedOperation } from "@ggen/p2p-types";

import { derivePublisher } from "../rules/derive-publisher.ts";
import type { PublisherState } from "../rules/publisher-state.ts";
import type { OperationTable } from "./operation-table.ts";
import type { ReleaseTable, Standing } from "./release-table.ts";

/** Operations of recently used publishers that are kept decoded; about 3 KB each. */
const maxCachedOperations = 20_000;

/** A publisher as it is stored. Replaced as a whole when it changes; never changed in part. */
export interface StoredPublisher {
  readonly publisher: PublisherId;
  /** One per admitted operation. */
  readonly admitted: ReadonlyMap<OperationId, SignedOperation>;
  /** Those that wait, one per envelope. */
  readonly waiting: readonly SignedOperation[];
  readonly state: PublisherState;
  /** What the table of releases says. */
  readonly standings: ReadonlyMap<OperationId, Standing>;
}

/** Keeps recently used publishers decoded, so that one more operation does not cost reading all of them. */
export class PublisherStore {
  readonly #operations: OperationTable;
  readonly #releases: ReleaseTable;
  readonly #cache = new Map<PublisherId, StoredPublisher>();
  #cachedOperations = 0;

  constructor(operations: OperationTable, releases: ReleaseTable) {
    this.#operations = operations;
    this.#releases = releases;
  }

  get(publisher: PublisherId): StoredPublisher {
    const cached = this.#cache.get(publisher);
    if (cached !== undefined) {
      this.#cache.delete(publisher);
      this.#cache.set(publisher, cached);
      return cached;
    }
    const { admitted, waiting } = this.#operations.load(publisher);
    const stored = {
      publisher,
      admitted: new Map(admitted.map((signed) => [signed.id, signed])),
      waiting,
      state: derivePublisher([...admitted, ...waiting], publisher),
      standings: this.#releases.standings(publisher),
    };
    this.put(stored);
    return stored;
  }

  put(stored: StoredPublisher): void {
    this.forget(stored.publisher);
    this.#cache.set(stored.publisher, stored);
    this.#cachedOperations += stored.admitted.size + stored.waiting.length;
    for (const oldest of this.#cache.keys()) {
      if (this.#cachedOperations <= maxCachedOperations || oldest === stored.publisher) break;
      this.forget(oldest);
    }
  }

  forget(publisher: PublisherId): void {
    const cached = this.#cache.get(publisher);
    if (cached === undefined) return;
    this.#cache.delete(publisher);
    this.#cachedOperations -= cached.admitted.size + cached.waiting.length;
  }

  forgetAll(): void {
    this.#cache.clear();
    this.#cachedOperations = 0;
  }
}
