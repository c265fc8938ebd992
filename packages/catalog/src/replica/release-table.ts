import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

import { fromHex, type OperationId, type Package, type PublisherId, toHex } from "@ggen/p2p-types";
import { compare, prerelease } from "semver";

import type { Release, SignedRelease } from "../rules/publisher-state.ts";
import { nameText } from "../search/words.ts";
import type { PackageEntry } from "./catalog.ts";
import { ListingTermTable } from "./listing-terms.ts";
import { hasId, type Names } from "./operation-table.ts";
import { fromRow } from "./package-document.ts";

/** The number of the operation whose id is given. */
const operationOfId = `SELECT operation FROM operations WHERE ${hasId}`;

const statuses: Readonly<Record<Release["status"], number>> = { conflicted: 0, valid: 1, yanked: 2 };

/** A stored envelope beside a release, as `fromRow` reads it. */
const storedRelease = "e.envelope, e.checksum, s.context, r.status, r.yank";
const storedBeside = "JOIN envelopes e ON e.operation = r.operation LEFT JOIN signers s ON s.signer = e.signer";

/** A release's standing, for comparison. */
export type Standing = string;

const standingOf = ({
  status,
  yank,
}: {
  readonly status: string;
  readonly yank?: string | null | undefined;
}): Standing => JSON.stringify([status, yank ?? null]);

/** The tables derived from operations: releases, and what search looks through. */
export class ReleaseTable {
  readonly #db: DatabaseSync;
  readonly #names: Names;
  /** What listings say of themselves. */
  readonly terms: ListingTermTable;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, names: Names) {
    this.#db = db;
    this.#names = names;
    this.terms = new ListingTermTable(db, names.terms);
  }

  /** What is stored of a publisher's releases. */
  standings(publisher: PublisherId): Map<OperationId, Standing> {
    const rows = this.#prepare(
      `SELECT o.id, r.status, r.yank FROM operations o JOIN releases r ON r.operation = o.operation
       WHERE o.publisher = ?`,
    ).all(this.#names.publishers.find(publisher) ?? null);
    return new Map(
      rows.map((row) => [
        toHex(row["id"] as Uint8Array),
        standingOf({ status: String(row["status"]), yank: row["yank"] as string | null }),
      ]),
    );
  }

  /**
   * Makes the tables say what a publisher's releases are now.
   * @param before - what they say; it is brought up to date
   * @param atMs - now
   */
  update(publisher: PublisherId, releases: readonly Release[], before: Map<OperationId, Standing>, atMs: number): void {
    const touched = new Set<string>();
    const present = new Set<OperationId>();
    for (const release of releases) {
      const { id, operation } = release.operation;
      present.add(id);
      const standing = standingOf(release);
      const known = before.get(id);
      if (known === standing) continue;
      const name = operation.id.toLowerCase();
      touched.add(name);
      if (known === undefined) this.#insert(release);
      else {
        this.#run(
          `UPDATE operations SET status = ?2, yank = ?3 WHERE ${hasId}`,
          fromHex(id),
          statuses[release.status],
          release.yank ?? null,
        );
      }
      before.set(id, standing);
    }
    for (const id of before.keys()) {
      if (present.has(id)) continue;
      const row = this.#prepare(
        `UPDATE operations SET status = NULL, version = NULL, yank = NULL WHERE ${hasId} RETURNING package`,
      ).get(fromHex(id));
      if (row !== undefined) touched.add(this.#names.packages.nameOf(Number(row["package"])));
      before.delete(id);
    }
    if (touched.size > 0) this.#relist(publisher, releases, touched, atMs);
  }

  /** Whether a publisher has released a version. @param id - lower case */
  isReleased(publisher: PublisherId, id: string, version: string): boolean {
    const [owner, name] = [this.#names.publishers.find(publisher), this.#names.packages.find(id)];
    if (owner === undefined || name === undefined) return false;
    return (
      this.#prepare("SELECT 1 FROM releases WHERE package = ? AND publisher = ? AND version = ?").get(
        name,
        owner,
        version,
      ) !== undefined
    );
  }

  /** Lists a valid release where it is newer than the one that is listed. */
  listNewer(operation: SignedRelease, atMs: number): void {
    const release: Release = { operation, status: "valid" };
    const name = operation.operation.id.toLowerCase();
    const listed = this.#prepare(
      `SELECT l.listing, r.version FROM listings l JOIN releases r ON r.operation = l.operation
       WHERE l.package = ? AND l.publisher = ?`,
    ).get(...this.#numbersOf(name, operation.operation.publisher));
    if (listed !== undefined) {
      if (!isNewerVersion(operation.operation.version, String(listed["version"]))) return;
      this.#unlist(Number(listed["listing"]), false);
    }
    this.#list(release, name, atMs);
  }

  entry(id: string, denied: ReadonlySet<PublisherId>): PackageEntry | undefined {
    const rows = this.#prepare(
      `SELECT p.name AS publisher, ${storedRelease} FROM releases r
       JOIN publishers p ON p.publisher = r.publisher ${storedBeside}
       WHERE r.package = ? ORDER BY p.name`,
    ).all(this.#names.packages.find(id) ?? null);
    const claimants = new Map<PublisherId, Package[]>();
    for (const row of rows) {
      const publisher = String(row["publisher"]);
      if (denied.has(publisher)) continue;
      const found = fromRow(row);
      if (found === undefined) continue;
      const releases = claimants.get(publisher);
      if (releases === undefined) claimants.set(publisher, [found]);
      else releases.push(found);
    }
    if (claimants.size === 0) return undefined;
    return {
      id,
      claimants: Array.from(claimants, ([publisher, releases]) => ({
        publisher,
        releases: releases.toSorted((a, b) => compare(a.version, b.version) || (a.operation < b.operation ? -1 : 1)),
      })),
    };
  }

  release(operation: OperationId): Package | undefined {
    const row = this.#prepare(
      `SELECT ${storedRelease} FROM releases r ${storedBeside} WHERE r.operation = (${operationOfId})`,
    ).get(fromHex(operation));
    return row === undefined ? undefined : fromRow(row);
  }

  newestOf(publisher: PublisherId): Package[] {
    return this.#prepare(
      `SELECT ${storedRelease} FROM listings l JOIN packages n ON n.package = l.package
       JOIN releases r ON r.operation = l.operation ${storedBeside} WHERE l.publisher = ? ORDER BY n.name`,
    )
      .all(this.#names.publishers.find(publisher) ?? null)
      .map((row) => fromRow(row))
      .filter((found) => found !== undefined);
  }

  /** Ids with a release in force. */
  countPackages(): number {
    return Number(this.#prepare("SELECT count(DISTINCT package) AS n FROM listings").get()?.["n"]);
  }

  /** The operation is stored already. */
  #insert(release: Release): void {
    this.#run(
      `UPDATE operations SET status = ?2, version = ?3, yank = ?4 WHERE ${hasId}`,
      fromHex(release.operation.id),
      statuses[release.status],
      release.operation.operation.version,
      release.yank ?? null,
    );
  }

  /** Brings the listing of each touched package up to date: its newest release in force, or none. */
  #relist(publisher: PublisherId, releases: readonly Release[], touched: ReadonlySet<string>, atMs: number): void {
    const newest = new Map<string, Release>();
    for (const release of releases) {
      if (release.status !== "valid") continue;
      const name = release.operation.operation.id.toLowerCase();
      if (!touched.has(name)) continue;
      const known = newest.get(name);
      if (known === undefined || isNewer(release, known)) newest.set(name, release);
    }
    for (const name of touched) {
      const listed = this.#prepare(
        `SELECT l.listing, o.id FROM listings l JOIN operations o ON o.operation = l.operation
         WHERE l.package = ? AND l.publisher = ?`,
      ).get(...this.#numbersOf(name, publisher));
      const release = newest.get(name);
      if (listed !== undefined) {
        if (release !== undefined && toHex(listed["id"] as Uint8Array) === release.operation.id) continue;
        this.#unlist(Number(listed["listing"]), release === undefined);
      }
      if (release !== undefined) this.#list(release, name, atMs);
    }
  }

  /** @param forGood - else the row stays, with the time at which the claim was first seen, to be replaced */
  #unlist(listing: number, forGood: boolean): void {
    const terms = this.terms.of(listing);
    this.#run("DELETE FROM listing_words WHERE rowid = ?", listing);
    this.terms.removeTags(listing, terms);
    if (forGood) this.#run("DELETE FROM listings WHERE listing = ?", listing);
    else this.#run("UPDATE listings SET category = NULL, license = NULL, tags = '[]' WHERE listing = ?", listing);
    this.terms.forgetUnused(terms);
  }

  #list(release: Release, name: string, atMs: number): void {
    const { id, operation } = release.operation;
    const { manifest } = operation;
    const { category, license, tags } = this.terms.numbersOf(manifest);
    const row = this.#prepare(
      `INSERT INTO listings (package, publisher, operation, category, license, tags, updated, first_seen)
       VALUES (?2, ?3, (${operationOfId}), ?4, ?5, ?6, ?7, ?8)
       ON CONFLICT (package, publisher) DO UPDATE SET
         operation = excluded.operation, category = excluded.category, license = excluded.license,
         tags = excluded.tags, updated = excluded.updated
       RETURNING listing`,
    ).get(fromHex(id), ...this.#numbersOf(name, operation.publisher), category, license, tags, operation.time, atMs);
    const listing = Number(row?.["listing"]);
    this.#run(
      "INSERT INTO listing_words (rowid, name, tags, description, authors) VALUES (?, ?, ?, ?, ?)",
      listing,
      nameText(operation.id, manifest.title),
      [...manifest.tags, ...manifest.keywords, manifest.category ?? ""].join("\n"),
      manifest.description,
      manifest.authors.join("\n"),
    );
    this.terms.addTags(listing, tags);
  }

  /** The numbers of a package, its id in lower case, and of a publisher; null for one that has none. */
  #numbersOf(name: string, publisher: PublisherId): [number | null, number | null] {
    const { packages, publishers } = this.#names;
    return [packages.find(name) ?? null, publishers.find(publisher) ?? null];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values);
  }
}

function isNewer({ operation: { operation: a } }: Release, { operation: { operation: b } }: Release): boolean {
  return isNewerVersion(a.version, b.version);
}

/** Whether a version is the one to show rather than another: a prerelease only where there is nothing else. */
export function isNewerVersion(a: string, b: string): boolean {
  const [draft, otherDraft] = [prerelease(a) !== null, prerelease(b) !== null];
  return draft === otherDraft ? compare(a, b) > 0 : otherDraft;
}
