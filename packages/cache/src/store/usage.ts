import type { StoreRows } from "../database/rows.ts";

/**
 * What keeps contents from eviction without being stored (leases, writers), and when each was last used. The order of use
 * is a count, not a time: a clock may jump. It is written with the next change, and may be lost in a crash.
 */
export class Usage {
  readonly #rows: StoreRows;
  readonly #counts = new Map<string, number>();
  readonly #touched = new Map<string, number>();
  #last: number;

  constructor(rows: StoreRows) {
    this.#rows = rows;
    this.#last = rows.lastUsed();
  }

  /** Notes that a content was used. @returns its place in the order of use */
  touch(cid: string): number {
    this.#last += 1;
    this.#touched.set(cid, this.#last);
    return this.#last;
  }

  /** Keeps a content until the returned function is called (once or more). */
  keep(cid: string): () => void {
    this.#counts.set(cid, this.count(cid) + 1);
    let kept = true;
    return () => {
      if (!kept) return;
      kept = false;
      const count = this.count(cid) - 1;
      if (count > 0) this.#counts.set(cid, count);
      else this.#counts.delete(cid);
    };
  }

  /** How many leases and writers a content has. */
  count(cid: string): number {
    return this.#counts.get(cid) ?? 0;
  }

  /** Contents with a lease or a writer. */
  kept(): string[] {
    return [...this.#counts.keys()];
  }

  /** Writes the order of use; to be called inside a transaction. */
  save(): void {
    for (const [cid, used] of this.#touched) this.#rows.setUsed(cid, used);
    this.#touched.clear();
  }
}
