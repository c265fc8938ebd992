import type { Statements } from "./statements.ts";

/** The numbers of the ids that listings are of. */
export interface PackageNumbers {
  /** In the order of the listings; 0 for one that is gone. */
  readonly of: (listings: readonly number[]) => readonly number[];
}

/**
 * Remembers which listing is of which id until something is written, since a listing may get the number of one that went:
 * reading it from the table takes half as long as the full-text match itself. Four bytes per listing.
 */
export function openPackageNumbers(db: Statements): PackageNumbers {
  let known = new Int32Array(0);
  let { changes } = db;

  const read = (missing: readonly number[]): void => {
    const rows = db.rows(
      `SELECT l.listing, l.package FROM json_each(:listings) j CROSS JOIN listings l ON l.listing = j.value`,
      { ":listings": JSON.stringify(missing) },
    );
    for (const [listing, id] of rows) known[Number(listing)] = Number(id);
  };

  return {
    of(listings) {
      if (changes !== db.changes) {
        known.fill(0);
        ({ changes } = db);
      }
      const last = listings.reduce((most, listing) => Math.max(most, listing), 0);
      if (last >= known.length) {
        const larger = new Int32Array(2 * last + 1);
        larger.set(known);
        known = larger;
      }
      const missing = listings.filter((listing) => known[listing] === 0);
      if (missing.length > 0) read(missing);
      return listings.map((listing) => known[listing] ?? 0);
    },
  };
}
