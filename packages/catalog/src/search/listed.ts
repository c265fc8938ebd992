import type { Package } from "@ggen/p2p-types";

import { packageIn, withStatus } from "../replica/package-document.ts";
import { fromStored } from "../stored/stored-envelope.ts";
import { type FieldWords, fieldWordsOf } from "./relevance.ts";
import type { Statements } from "./statements.ts";

/** Bytes of envelopes whose packages are remembered: some thousands of packages, about 30 MB in memory. */
const maxRememberedBytes = 4 * 1024 * 1024;

/** What a listing shows. */
export interface Listed {
  readonly package: Package;
  /** The author's time of the release. */
  readonly updated: number;
  /** Whether the user trusts its publisher, or has chosen it as the owner of this id. */
  readonly trusted: boolean;
  /** The words that relevance compares; made when they are asked for. */
  readonly words: () => FieldWords;
}

/** Reads what listings show. */
export interface ListedReader {
  readonly read: (listings: readonly number[]) => Map<number, Listed>;
}

interface Decoded {
  readonly package: Package;
  readonly bytes: number;
  words?: FieldWords;
}

/**
 * Reads what listings show, and remembers what their envelopes say: those that fit best are found again and again while
 * somebody types or turns pages, and an envelope never changes.
 */
export function createListedReader(db: Statements): ListedReader {
  // By operation, the one that was used last behind.
  const decoded = new Map<number, Decoded>();
  let bytes = 0;

  const remember = (operation: number, entry: Decoded): void => {
    if (!decoded.delete(operation)) bytes += entry.bytes;
    decoded.set(operation, entry);
    for (const [oldest, { bytes: freed }] of decoded) {
      if (bytes <= maxRememberedBytes) break;
      decoded.delete(oldest);
      bytes -= freed;
    }
  };

  const decode = (operations: readonly number[]): Map<number, Decoded> => {
    const found = new Map<number, Decoded>();
    const missing: number[] = [];
    for (const operation of operations) {
      const known = decoded.get(operation);
      if (known === undefined) missing.push(operation);
      else found.set(operation, known);
    }
    const rows = missing.length === 0 ? [] : readEnvelopes(db, missing);
    for (const [operation, envelope = null, checksum = null, context = null] of rows) {
      db.goOn();
      const stored = fromStored({ envelope, checksum, context });
      // Who reads it for another reason tells of the damage.
      if (stored !== undefined) found.set(Number(operation), { package: packageIn(stored), bytes: stored.byteLength });
    }
    for (const [operation, entry] of found) remember(operation, entry);
    return found;
  };

  return {
    read(listings) {
      const rows = db.rows(
        `SELECT l.listing, l.operation, l.updated, t.publisher IS NOT NULL OR o.publisher IS NOT NULL, r.status, r.yank
         FROM json_each(:listings) j CROSS JOIN listings l ON l.listing = j.value
         CROSS JOIN packages p ON p.package = l.package CROSS JOIN publishers n ON n.publisher = l.publisher
         JOIN releases r ON r.operation = l.operation
         LEFT JOIN owners o ON o.package = p.name AND o.publisher = n.name
         LEFT JOIN trust t ON t.publisher = n.name AND t.trusted = 1`,
        { ":listings": JSON.stringify(listings) },
      );
      const packages = decode(rows.map(([, operation]) => Number(operation)));
      const listed = new Map<number, Listed>();
      for (const [listing, operation, updated, trusted, status, yank] of rows) {
        const entry = packages.get(Number(operation));
        if (entry === undefined) continue;
        listed.set(Number(listing), {
          package: withStatus(entry.package, { status: String(status), yank: yank as string | null }),
          updated: Number(updated),
          trusted: trusted === 1,
          words: () => (entry.words ??= fieldWordsOf(entry.package)),
        });
      }
      return listed;
    },
  };
}

function readEnvelopes(db: Statements, operations: readonly number[]): ReturnType<Statements["rows"]> {
  return db.rows(
    `SELECT e.operation, e.envelope, e.checksum, s.context
     FROM json_each(:operations) j CROSS JOIN envelopes e ON e.operation = j.value
     LEFT JOIN signers s ON s.signer = e.signer`,
    { ":operations": JSON.stringify(operations) },
  );
}
