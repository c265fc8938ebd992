import type { Package } from "@ggen/p2p-types";

import { fromRow, type ReleaseRow } from "../replica/package-document.ts";
import type { Statements } from "./statements.ts";

/** What a listing shows. */
export interface Listed {
  readonly package: Package;
  /** The author's time of the release. */
  readonly updated: number;
  /** Whether the user trusts its publisher, or has chosen it as the owner of this id. */
  readonly trusted: boolean;
}

/** Reads what some listings show, in one statement. */
export function readListed(db: Statements, listings: readonly number[]): Map<number, Listed> {
  const rows = db.rows(
    `SELECT l.listing, l.updated, t.publisher IS NOT NULL OR o.publisher IS NOT NULL, e.envelope, r.status, r.yank
     FROM json_each(:listings) j CROSS JOIN listings l ON l.listing = j.value
     JOIN releases r ON r.operation = l.operation JOIN envelopes e ON e.operation = l.operation
     LEFT JOIN owners o ON o.package = l.package AND o.publisher = l.publisher
     LEFT JOIN trust t ON t.publisher = l.publisher AND t.trusted = 1`,
    { ":listings": JSON.stringify(listings) },
  );
  const listed = new Map<number, Listed>();
  for (const [listing, updated, trusted, envelope, status, yank] of rows) {
    db.goOn();
    const row = { envelope, status, yank } as ReleaseRow;
    listed.set(Number(listing), { package: fromRow(row), updated: Number(updated), trusted: trusted === 1 });
  }
  return listed;
}
