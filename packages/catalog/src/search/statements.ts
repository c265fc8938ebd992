import type { DatabaseSync, StatementSync } from "node:sqlite";

/** Statements of one connection, each prepared once, and the question whether to go on. */
export class Statements {
  readonly #db: DatabaseSync;
  readonly #shouldStop: () => boolean;
  readonly #prepared = new Map<string, StatementSync>();

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

  /** @param sql - one of the few that the program has, never one that a query made */
  prepare(sql: string): StatementSync {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) this.#prepared.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }

  /** To be called between the steps of a search. @throws Error "stopped" when its time is up */
  goOn(): void {
    if (this.#shouldStop()) throw new Error("stopped");
  }
}
