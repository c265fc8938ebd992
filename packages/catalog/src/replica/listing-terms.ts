import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";

import type { NameTable } from "./name-table.ts";

/** What a listing says of itself in words that others say too. */
export interface ListingTerms {
  readonly category: number | null;
  readonly license: number | null;
  /** A JSON list. */
  readonly tags: string;
}

/** The terms of listings: what is in the index of tags, and what no listing says any more. */
export class ListingTermTable {
  readonly #terms: NameTable;
  readonly #statements: Record<"of" | "insertTag" | "deleteTag" | "deleteUnused", StatementSync>;

  constructor(db: DatabaseSync, terms: NameTable) {
    this.#terms = terms;
    this.#statements = {
      of: db.prepare("SELECT category, license, tags FROM listings WHERE listing = ?"),
      insertTag: db.prepare("INSERT OR IGNORE INTO listing_tags (tag, listing) VALUES (?, ?)"),
      deleteTag: db.prepare("DELETE FROM listing_tags WHERE tag = ? AND listing = ?"),
      deleteUnused: db.prepare(
        `DELETE FROM terms WHERE term = ?1 AND NOT EXISTS (SELECT 1 FROM listing_tags WHERE tag = ?1)
         AND NOT EXISTS (SELECT 1 FROM listings WHERE category = ?1)
         AND NOT EXISTS (SELECT 1 FROM listings WHERE license = ?1)`,
      ),
    };
  }

  /** The numbers of what a manifest says. */
  numbersOf({ category, license, tags }: ManifestTerms): ListingTerms {
    const number = (text: string): number => this.#terms.findOrAdd(text.toLowerCase());
    return {
      category: category === undefined ? null : number(category),
      license: license === undefined ? null : number(license),
      tags: JSON.stringify([...new Set(tags.map(number))]),
    };
  }

  /** Makes a listing be found by its tags. */
  addTags(listing: number, tags: string): void {
    for (const tag of numbersIn(tags)) this.#statements.insertTag.run(tag, listing);
  }

  /** What a listing says. */
  of(listing: number): readonly number[] {
    const row = this.#statements.of.get(listing);
    if (row === undefined) return [];
    return [row["category"], row["license"], ...numbersIn(row["tags"])].filter((term) => typeof term === "number");
  }

  /** Makes a listing be found by no tag. @param terms - what it says */
  removeTags(listing: number, terms: readonly number[]): void {
    for (const term of terms) this.#statements.deleteTag.run(term, listing);
  }

  /** Forgets those terms that no listing says. */
  forgetUnused(terms: Iterable<number>): void {
    let isGone = false;
    for (const term of new Set(terms)) isGone = Number(this.#statements.deleteUnused.run(term).changes) > 0 || isGone;
    // Their numbers may be given again.
    if (isGone) this.#terms.forgetAll();
  }
}

interface ManifestTerms {
  readonly category?: string;
  readonly license?: string;
  readonly tags: readonly string[];
}

/** The numbers in a JSON list of our own. */
function numbersIn(list: SQLOutputValue | undefined): number[] {
  const parsed: unknown = JSON.parse(String(list));
  return Array.isArray(parsed) ? parsed.filter((number) => typeof number === "number") : [];
}
