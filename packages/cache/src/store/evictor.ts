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

  /** Evicts what is over the quota. @throws GgenError `storage.full`, `storage.failed` */
  async collect(): Promise<Collected> {
    let contents = 0;
    const freedBytes = await this.#context.blocks.deleteUnreferenced(() => {
      const { usage, rows } = this.#context;
      usage.save();
      const kept = new Set(usage.kept());
      const digests: string[] = [];
      if (rows.blockTotals().bytes <= this.#maxBytes) return digests;
      let excessBytes = rows.evictableBytes([...kept]) - this.#maxBytes;
      for (const cid of excessBytes > 0 ? rows.unpinned() : []) {
        if (excessBytes <= 0) break;
        if (kept.has(cid)) continue;
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

  /** {@link collect} after something was stored, which is not undone because the clean-up failed. */
  async collectQuietly(): Promise<void> {
    try {
      await this.collect();
    } catch (error) {
      this.#logger.log("warn", "Contents over the quota could not be evicted", { error: String(error) });
    }
  }
}
