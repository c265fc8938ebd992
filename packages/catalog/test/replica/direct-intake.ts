import { DatabaseSync } from "node:sqlite";

import type { AcceptReport, OperationId, PackageUpdate, SignedOperation } from "@ggen/p2p-types";
import { onTestFinished } from "vitest";

import { Admission } from "../../src/admission/admission.ts";
import { type CatalogParts, openParts } from "../../src/replica/catalog-parts.ts";
import { EvictionBook } from "../../src/replica/eviction-book.ts";
import { intakeLimits } from "../../src/replica/limits.ts";
import { OperationIntake } from "../../src/replica/operation-intake.ts";
import type { Origin } from "../../src/replica/operation-table.ts";
import { migrations } from "../../src/replica/schema.ts";
import { type TestPublisher, start } from "../publisher-fixture.ts";

/** What came of some operations, and how many were stored in each of the pieces in which they were written. */
export interface Accepted extends Omit<AcceptReport, "rejected"> {
  readonly pieces: readonly number[];
}

/** All operations of publishers, one publisher after another. */
export function allOf(...publishers: readonly TestPublisher[]): SignedOperation[] {
  return publishers.flatMap(({ operations }) => operations);
}

/**
 * The intake over the tables of a database in memory, whose transactions the test begins and ends: nothing is signed,
 * queued or searched for.
 */
export class DirectIntake {
  readonly db = new DatabaseSync(":memory:");
  readonly parts: CatalogParts;
  readonly evictions: EvictionBook;
  readonly told: PackageUpdate[] = [];
  readonly limits = { ...intakeLimits };
  nowMs = (start + 3600) * 1000;
  maxBytes = Number.MAX_SAFE_INTEGER;
  readonly #intake: OperationIntake;

  constructor() {
    onTestFinished(() => this.db.close());
    for (const migration of migrations) this.db.exec(migration);
    this.parts = openParts(this.db, false, () => {});
    const { index, lister, releases, settings } = this.parts;
    this.evictions = new EvictionBook(settings);
    const clock = { now: () => this.nowMs };
    const maxBytes = (): number => this.maxBytes;
    const admission = new Admission({
      db: this.db,
      terms: releases.terms,
      clock,
      get maxBytes() {
        return maxBytes();
      },
      maxOperations: 1_000_000,
      known: () => settings.known(),
      operations: () => index().size,
      unlisted: () => lister.unlisted,
    });
    const onUpdates = (updates: readonly PackageUpdate[]): void => void this.told.push(...updates);
    const { evictions, limits } = this;
    this.#intake = new OperationIntake({ clock, admission, evictions, limits, ...this.parts, onUpdates });
  }

  /** Stores operations, not yet durably. */
  write(fresh: readonly SignedOperation[], origin: Origin = { via: "sync", peer: "peer" }): Accepted {
    if (!this.db.isTransaction) this.db.exec("BEGIN");
    const steps = this.#intake.accept(fresh, origin);
    const pieces: number[] = [];
    for (let before = this.stored; ; before = this.stored) {
      const step = steps.next();
      pieces.push(this.stored - before);
      if (step.done === true) return { ...step.value, pieces };
    }
  }

  /** Lists what is to be listed with what was written. */
  list(): void {
    this.#list(this.#intake.list());
  }

  /** {@link list}, and makes all of it durable. */
  commit(): void {
    this.list();
    this.db.exec("COMMIT");
    this.#intake.onCommit();
  }

  /** {@link write}, and at once durable. */
  accept(fresh: readonly SignedOperation[], origin?: Origin): Accepted {
    const accepted = this.write(fresh, origin);
    this.commit();
    return accepted;
  }

  /** The disk refuses what was written since the last commit. */
  takeBack(): void {
    this.db.exec("ROLLBACK");
    this.#intake.onRollback();
  }

  /** Lists what a flood left. */
  listRest(max = Infinity): void {
    this.#list(this.#intake.listRest(max));
  }

  /** Operations that are stored. */
  get stored(): number {
    return this.#count("operations");
  }

  /** Operations that wait for others. */
  get waiting(): number {
    return this.#count("waiting");
  }

  /** Packages that search finds. */
  get listed(): number {
    return this.#count("listings");
  }

  /** Bytes of the pages that hold something. */
  get used(): number {
    const read = (name: string): number => Number(this.db.prepare(`PRAGMA ${name}`).get()?.[name]);
    return (read("page_count") - read("freelist_count")) * read("page_size");
  }

  /** Whether search finds the newest release of a publisher's packages: their versions. */
  versionsOf({ publisher }: TestPublisher): string[] {
    return this.parts.releases.newestOf(publisher).map(({ version }) => version);
  }

  has({ id }: { readonly id: OperationId }): boolean {
    return this.parts.operations.has(id);
  }

  /** Whether the index that is compared with others holds exactly what is stored. */
  get isIndexWhole(): boolean {
    const { index, operations } = this.parts;
    const [kept, read] = [index(), operations.buildIndex()];
    return kept.size === read.size && Buffer.compare(kept.sum(0, kept.size), read.sum(0, read.size)) === 0;
  }

  #list(steps: Generator<void>): void {
    while (steps.next().done !== true);
  }

  #count(table: string): number {
    return Number(this.db.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.["n"]);
  }
}
