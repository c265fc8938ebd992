import type { MarketplaceBehaviour } from "@ggen/p2p-behaviour";
import { type Package, packageKey, toGgenError, toHex } from "@ggen/p2p-types";

import type { Parts } from "../parts.ts";
import { contentKey } from "../peers/holders.ts";

/** What saying who holds what needs. */
export type ProviderRecordParts = Pick<Parts, "catalog" | "contents" | "keystore" | "logger" | "network">;

/** Records that wait to be told; what is left out is told with the next comparison. */
const maxWaiting = 256;

/**
 * Keeps what this node says in the DHT equal to what it holds. Each record costs a walk of the DHT, so they are told one
 * after the other.
 */
export class ProviderRecords {
  readonly #parts: ProviderRecordParts;
  readonly #waiting = new Map<string, Uint8Array>();
  #isTelling = false;

  constructor(parts: ProviderRecordParts) {
    this.#parts = parts;
  }

  /** Says in the background that a copy is here: by its content, and by its package for who looks for its records. */
  tell(release: Pick<Package, "cid" | "id">): void {
    for (const digest of [contentKey(release.cid), packageKey(release.id)]) {
      if (this.#waiting.size < maxWaiting) this.#waiting.set(toHex(digest), digest);
    }
    if (!this.#isTelling) void this.#tellWaiting();
  }

  /** Takes back that a content is here. */
  async withdraw(cid: string): Promise<void> {
    const digest = contentKey(cid);
    this.#waiting.delete(toHex(digest));
    await this.#parts.network()?.withdraw(digest);
  }

  /**
   * Compares what is said with what is held: a content that was evicted or damaged is withdrawn, a copy that was not told
   * yet is told. @param copies - that are kept for others, and whole
   */
  async compare(copies: Iterable<Package>): Promise<void> {
    const network = this.#parts.network();
    if (network === undefined) return;
    const said = new Set(network.provided());
    const held = await this.#heldDigests();
    for (const release of copies) {
      held.add(toHex(packageKey(release.id)));
      if (!said.has(toHex(contentKey(release.cid)))) this.tell(release);
    }
    for (const digest of said) if (!held.has(digest)) await this.#take(network, digest);
  }

  async #heldDigests(): Promise<Set<string>> {
    const { catalog, contents, keystore } = this.#parts;
    const held = new Set<string>();
    for (const { content, complete } of contents.contents()) if (complete) held.add(toHex(contentKey(content.cid)));
    for (const publisher of await keystore.publishers()) {
      for (const { id } of catalog.packagesOf(publisher)) held.add(toHex(packageKey(id)));
    }
    return held;
  }

  async #take(network: MarketplaceBehaviour, digest: string): Promise<void> {
    await network.withdraw(Buffer.from(digest, "hex"));
    this.#parts.logger.log("debug", "a provider record was withdrawn: its content is not held any more", { digest });
  }

  async #tellWaiting(): Promise<void> {
    this.#isTelling = true;
    for (const [name, digest] of this.#waiting) {
      this.#waiting.delete(name);
      try {
        await this.#parts.network()?.provide(digest);
      } catch (error) {
        this.#parts.logger.log("debug", "a provider record was not stored", { error: toGgenError(error).message });
      }
    }
    this.#isTelling = false;
  }
}
