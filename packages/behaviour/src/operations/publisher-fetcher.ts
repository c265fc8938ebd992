import type { Logger, OperationStore } from "@ggen/p2p-types";

/** What fetching needs. */
export interface PublisherFetcherComponents {
  readonly operations: OperationStore;
  readonly logger: Logger;
  /** Asks a peer for a publisher's operations. */
  readonly operationsOf: (peerId: string, publisher: string) => Promise<readonly Uint8Array[]>;
}

/** Publishers being fetched at once; gossip can name any number. */
const maxFetches = 64;

/** Fetches the records of publishers of whom an operation came without its beginning. */
export class PublisherFetcher {
  readonly #components: PublisherFetcherComponents;
  readonly #fetching = new Set<string>();

  constructor(components: PublisherFetcherComponents) {
    this.#components = components;
  }

  /** Fetches a publisher's records from a peer, unless that is being done already. Never rejects. */
  async fetch(peerId: string, publisher: string): Promise<void> {
    if (this.#fetching.has(publisher) || this.#fetching.size >= maxFetches) return;
    this.#fetching.add(publisher);
    try {
      const envelopes = await this.#components.operationsOf(peerId, publisher);
      await this.#components.operations.accept(envelopes, { via: "fetch", peer: peerId });
    } catch (error) {
      const fields = { peerId, publisher, error: String(error) };
      this.#components.logger.log("debug", "a publisher's records were not fetched", fields);
    } finally {
      this.#fetching.delete(publisher);
    }
  }
}
