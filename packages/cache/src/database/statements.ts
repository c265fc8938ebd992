import type { DatabaseSync, StatementSync } from "node:sqlite";

import { GgenError } from "@ggen/p2p-types";

import { toStorageError } from "../storage-error.ts";

type Values = readonly (string | number)[];

/** A database with its statements, each prepared once, and its transactions. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  close(): void {
    this.#db.close();
  }

  /**
   * Runs changes as one step, on disk when it returns.
   * @param relaxed - not yet on disk, but in order with what follows: for what no promise rests on
   * @throws GgenError `storage.full`, `storage.failed` (nothing was changed then), `aborted` once it was closed
   */
  transaction<T>(work: () => T, relaxed: boolean): T {
    this.#refuseClosed();
    try {
      if (relaxed) this.#db.exec("PRAGMA synchronous = NORMAL");
      this.#db.exec("BEGIN IMMEDIATE");
      const result = work();
      this.#db.exec("COMMIT");
      return result;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      throw toStorageError(error, "The content store's database could not be changed");
    } finally {
      if (relaxed) this.#db.exec("PRAGMA synchronous = FULL");
    }
  }

  /** Runs a statement that changes something. */
  run(sql: string, ...values: Values): void {
    this.#statement(sql).run(...values);
  }

  /** Every row of a query. */
  all(sql: string, ...values: Values): Record<string, unknown>[] {
    return this.#statement(sql).all(...values);
  }

  /** The first column of a query's first row; undefined without a row, or when it is no number. */
  number(sql: string, ...values: Values): number | undefined {
    const row = this.#statement(sql).get(...values);
    const value = row === undefined ? undefined : Object.values(row)[0];
    return typeof value === "number" ? value : undefined;
  }

  /** What is still under way when the store is closed ends as what comes after does, not with an error of SQLite. */
  #refuseClosed(): void {
    if (!this.#db.isOpen) throw new GgenError("aborted", "The content store was closed");
  }

  #statement(sql: string): StatementSync {
    this.#refuseClosed();
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
