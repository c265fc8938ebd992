import type { Logger } from "@ggen/p2p-types";

import type { StoreContext } from "./fetch-state.ts";

/** What a collection freed. */
export interface Collected {
  readonly freedBytes: number;
  readonly contents: number;
}

/** Holds the evictable contents to the quota: least recently used first; never one that is pinned, leased or being written. */
export class Evictor {
  readonly #context: StoreContext;
  readonly #maxBytes: number;
  readonly #logger: Logger;
  #evictions = 0;

  constructor(context: StoreContext, maxBytes: number, logger: Logger) {
    this.#context = context;
    this.#maxBytes = maxBytes;
    this.#logger = logger;
  }

  /** Contents evicted since the store was opened. */
  get evictions(): number {
    return this.#evictions;
  }

  /**
   * Evicts what is over the quota.
   * @param spared - CID of a content that has just come: it counts, but others go for it
   * @throws GgenError `storage.full`, `storage.failed`
   */
  async collect(spared?: string): Promise<Collected> {
    let contents = 0;
    // What is staged counts too. When it cannot be kept, space is wanted all the more.
    await this.#context.blocks.commit().catch(() => {});
    const { usage, rows } = this.#context;
    // The order of use may be lost in a crash: it need not wait for the disk.
    rows.transaction(() => usage.save(), true);
    if (rows.blockTotals().bytes <= this.#maxBytes) return { freedBytes: 0, contents };
    const freedBytes = await this.#context.blocks.deleteUnreferenced(() => {
      const kept = new Set(usage.kept());
      // Its own writer, which is about to be closed, does not make it free.
      if (spared !== undefined && usage.count(spared) <= 1) kept.delete(spared);
      const digests: string[] = [];
      let excessBytes = rows.evictableBytes([...kept]) - this.#maxBytes;
      for (const cid of excessBytes > 0 ? rows.unpinned() : []) {
        if (excessBytes <= 0) break;
        if (kept.has(cid) || cid === spared) continue;
        for (const digest of rows.deleteContent(cid)) {
          excessBytes -= rows.blockBytes(digest) ?? 0;
          digests.push(digest);
        }
        contents += 1;
      }
      return digests;
    });
    this.#evictions += contents;
    if (contents > 0) this.#logger.log("debug", "Contents were evicted", { contents, freedBytes });
    return { freedBytes, contents };
  }

  /** {@link collect} after a content was stored, which is not undone because the clean-up failed. */
  async collectQuietly(stored: string): Promise<void> {
    try {
      await this.collect(stored);
    } catch (error) {
      this.#logger.log("warn", "Contents over the quota could not be evicted", { error: String(error) });
    }
  }
}
