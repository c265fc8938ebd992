import type { DatabaseSync, StatementSync } from "node:sqlite";

import type { SignedRelease } from "../rules/publisher-state.ts";
import { fromStored } from "../stored/stored-envelope.ts";
import { releaseIn } from "./package-document.ts";
import { isNewerVersion, type ReleaseTable } from "./release-table.ts";

/** Where it is kept how far the releases are listed. */
const cursorKey = "listed";
/** Releases that are read at once; of each package among them only the newest is listed. */
const releasesPerRead = 512;
/** Listings that are made in one go, about 10 ms. */
const listingsPerTurn = 128;

/**
 * Lists appended releases, so that search finds them: in the order in which they came, behind a cursor that is stored
 * with what it stands for. A crash between storing and listing is made good by going on.
 */
export class ReleaseLister {
  readonly #releases: ReleaseTable;
  readonly #statements: Record<"cursor" | "setCursor" | "last" | "lastOperation" | "next", StatementSync>;
  #listed: number | undefined;

  constructor(db: DatabaseSync, releases: ReleaseTable) {
    this.#releases = releases;
    this.#statements = {
      cursor: db.prepare("SELECT value FROM meta WHERE key = ?"),
      setCursor: db.prepare("INSERT OR REPLACE INTO meta VALUES (?, ?)"),
      last: db.prepare("SELECT operation FROM releases ORDER BY operation DESC LIMIT 1"),
      lastOperation: db.prepare("SELECT max(operation) AS operation FROM operations"),
      next: db.prepare(
        `SELECT r.operation, r.status, e.envelope, e.checksum, s.context, o.first_seen FROM releases r
         JOIN envelopes e ON e.operation = r.operation LEFT JOIN signers s ON s.signer = e.signer
         JOIN operations o ON o.operation = r.operation
         WHERE r.operation > ? ORDER BY r.operation LIMIT ?`,
      ),
    };
  }

  /** Whether there are releases that are not listed. */
  get isBehind(): boolean {
    return this.#cursor() < Number(this.#statements.last.get()?.["operation"] ?? 0);
  }

  /**
   * Lists the next releases.
   * @param max - at least so many, as far as there are any
   */
  *list(max: number): Generator<void> {
    let turn = 0;
    for (let done = 0; done < max;) {
      const most = Math.min(releasesPerRead, max - done);
      const rows = this.#statements.next.all(this.#cursor(), most);
      const newest = new Map<string, { readonly release: SignedRelease; readonly atMs: number }>();
      for (const row of rows) {
        // What became of the others was listed when it became so.
        if (row["status"] !== "valid") continue;
        const release = readable(fromStored(row));
        if (release === undefined) continue;
        const { id, publisher, version } = release.operation;
        const name = `${publisher} ${id.toLowerCase()}`;
        const known = newest.get(name);
        if (known !== undefined && !isNewerVersion(version, known.release.operation.version)) continue;
        newest.set(name, { release, atMs: known?.atMs ?? Number(row["first_seen"]) });
      }
      for (const { release, atMs } of newest.values()) {
        this.#releases.listNewer(release, atMs);
        turn += 1;
        if (turn % listingsPerTurn === 0) yield;
      }
      const last = rows.at(-1);
      if (last === undefined) return;
      this.#listed = Number(last["operation"]);
      this.#statements.setCursor.run(cursorKey, String(this.#listed));
      done += rows.length;
      if (rows.length < most) return;
    }
  }

  /** Operations behind the cursor, about. */
  get unlisted(): number {
    return this.#lastOperation() - this.#cursor();
  }

  /**
   * Takes the cursor back to the last operation, after some were removed: the numbers of those are given again, and what
   * gets them has to be listed.
   */
  stepBack(): void {
    const before = this.#cursor();
    this.#listed = undefined;
    if (this.#cursor() < before) this.#statements.setCursor.run(cursorKey, String(this.#cursor()));
  }

  /** Lets go of what is at hand, after a write was taken back. */
  forget(): void {
    this.#listed = undefined;
  }

  #cursor(): number {
    if (this.#listed !== undefined) return this.#listed;
    const stored = Number(this.#statements.cursor.get(cursorKey)?.["value"] ?? 0);
    return (this.#listed = Math.min(stored, this.#lastOperation()));
  }

  #lastOperation(): number {
    return Number(this.#statements.lastOperation.get()?.["operation"] ?? 0);
  }
}

/** A damaged record is found and told of where it is read; it keeps nothing else from being listed. */
function readable(envelope: Uint8Array | undefined): SignedRelease | undefined {
  if (envelope === undefined) return undefined;
  try {
    return releaseIn(envelope);
  } catch {
    return undefined;
  }
}
