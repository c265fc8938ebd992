import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";

/** Values of a statement, by name with its colon. */
export type Parameters = Readonly<Record<string, SQLInputValue>>;

/** A row of a statement, its columns in order. */
export type Row = readonly SQLOutputValue[];

/** Statements of one connection, each prepared once, and the question whether to go on. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #shouldStop: () => boolean;
  readonly #prepared = new Map<string, StatementSync>();
  #version: SQLOutputValue = null;
  #changes = 0;

  /**
   * @param db - stays open as long as this is used
   * @param shouldStop - asked between statements, and for rows that a statement looks at
   */
  constructor(db: DatabaseSync, shouldStop: () => boolean) {
    this.#db = db;
    this.#shouldStop = shouldStop;
    // An exception in an SQL function is the one way to stop a statement that runs.
    db.function("keep_going", { deterministic: false, varargs: true }, () => {
      this.goOn();
      return 1;
    });
  }

  /** Rises when another connection has written. */
  get changes(): number {
    return this.#changes;
  }

  /**
   * All rows of a statement. Arrays, because making objects takes longer than reading the rows.
   * @param sql - one of those that the program has, never one that a query made
   */
  rows(sql: string, parameters: Parameters = {}): readonly Row[] {
    this.goOn();
    return this.#prepare(sql).all(parameters) as unknown as readonly Row[];
  }

  /** The first row of a statement. */
  row(sql: string, parameters: Parameters = {}): Row | undefined {
    this.goOn();
    return this.#prepare(sql).get(parameters) as unknown as Row | undefined;
  }

  /** Runs a function over one state of the database, whatever others write meanwhile. */
  snapshot<T>(run: () => T): T {
    this.#prepare("BEGIN").run();
    try {
      const version = this.row("PRAGMA data_version")?.[0] ?? null;
      if (version !== this.#version) this.#changes++;
      this.#version = version;
      return run();
    } finally {
      if (this.#db.isTransaction) this.#prepare("COMMIT").run();
    }
  }

  /** To be called between the steps of a search. @throws Error "stopped" when its time is up */
  goOn(): void {
    if (this.#shouldStop()) throw new Error("stopped");
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql);
      statement.setReturnArrays(true);
      statement.setAllowUnknownNamedParameters(true);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}
