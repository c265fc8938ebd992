import type { DatabaseSync } from "node:sqlite";
import { setImmediate as nextTurn } from "node:timers/promises";

/** Something to be written: a generator that gives others their turn wherever it yields. */
export interface QueuedWrite<Prepared, Result> {
  /** What has to be known before; writes keep their order whichever of these is ready first. */
  readonly prepared: Promise<Prepared>;
  /** How much it weighs, for the bound of a transaction. */
  readonly weight: number;
  readonly apply: (prepared: Prepared) => Generator<void, Result>;
}

/** What the queue needs. */
export interface WriteQueueInit {
  readonly db: DatabaseSync;
  /** Runs before everything is made durable, in the same transaction. */
  readonly beforeCommit: () => Generator<void>;
  /** What was written is durable. */
  readonly onCommit: () => void;
  /** What was written since the last commit is gone. */
  readonly onRollback: () => void;
  /** Something was written, and nothing waits. */
  readonly onIdle: () => void;
  /** Wraps what touches the database, to name its errors. */
  readonly guard: <T>(run: () => T) => T;
}

interface Entry {
  readonly weight: number;
  readonly ready: Promise<unknown>;
  isReady: boolean;
  readonly steps: () => Generator<void, unknown>;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Weight of one transaction, about: what waits is written together up to here. */
const maxTransactionWeight = 4096;

/**
 * Writes in order, and makes durable together what waits together: one alone is durable at once, a flood shares the cost.
 * A large transaction is written in pieces between which others get their turn.
 */
export class WriteQueue {
  readonly #init: WriteQueueInit;
  readonly #entries: Entry[] = [];
  #running: Promise<void> | undefined;
  #isOpen = false;
  /** Why what is being written was taken back by {@link flush}. */
  #failure: { readonly error: unknown } | undefined;

  constructor(init: WriteQueueInit) {
    this.#init = init;
  }

  /** Resolves when all of it is durable. */
  async add<Prepared, Result>({ prepared, weight, apply }: QueuedWrite<Prepared, Result>): Promise<Result> {
    let known: { readonly value: Prepared } | undefined;
    const done = new Promise<unknown>((resolve, reject) => {
      const entry: Entry = {
        weight,
        ready: prepared.then((value) => {
          known = { value };
          entry.isReady = true;
        }),
        isReady: false,
        *steps() {
          return known === undefined ? undefined : yield* apply(known.value);
        },
        resolve,
        reject,
      };
      entry.ready.catch(() => {});
      this.#entries.push(entry);
    });
    this.#running ??= this.#run();
    return (await done) as Result;
  }

  /**
   * Makes durable what was written so far, so that a write beside the queue does not become a part of a transaction. When
   * that fails, all of it is taken back, and those who wait for it learn of it.
   */
  flush(): void {
    if (!this.#isOpen) return;
    try {
      this.#init.guard(() => this.#commit());
    } catch (error) {
      this.#takeBack();
      this.#failure = { error };
      throw error;
    }
  }

  /** Resolves when nothing waits. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    for (let first = this.#entries.shift(); first !== undefined; first = this.#entries.shift()) {
      try {
        await first.ready;
      } catch (error) {
        first.reject(error);
        continue;
      }
      const batch = [first];
      let weight = first.weight;
      for (
        let next = this.#entries[0];
        next?.isReady === true && weight < maxTransactionWeight;
        next = this.#entries[0]
      ) {
        this.#entries.shift();
        batch.push(next);
        weight += next.weight;
      }
      const isWritten = await this.#write(batch);
      // Whoever has something to write then would fail again, and at once, when the disk is full.
      if (isWritten && this.#entries.length === 0) this.#init.onIdle();
    }
    // At once: what is added before a promise could tell of the end would never be written.
    this.#running = undefined;
  }

  /** @returns whether all of it is durable */
  async #write(batch: readonly Entry[]): Promise<boolean> {
    const { guard, beforeCommit } = this.#init;
    const results: unknown[] = [];
    this.#failure = undefined;
    try {
      for (const { steps } of batch) results.push(await this.#inPieces(steps()));
      await this.#inPieces(beforeCommit());
      this.#throwFailure();
      guard(() => this.#commit());
    } catch (error) {
      this.#takeBack();
      for (const { reject } of batch) reject(error);
      return false;
    }
    for (const [place, { resolve }] of batch.entries()) resolve(results[place]);
    return true;
  }

  async #inPieces<T>(steps: Generator<void, T>): Promise<T> {
    for (;;) {
      this.#throwFailure();
      const step = this.#init.guard(() => {
        // Somebody may have made the earlier pieces durable in between.
        if (!this.#isOpen) this.#init.db.exec("BEGIN IMMEDIATE");
        this.#isOpen = true;
        return steps.next();
      });
      if (step.done === true) return step.value;
      await nextTurn();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #takeBack(): void {
    const { db, onRollback } = this.#init;
    this.#isOpen = false;
    if (db.isOpen && db.isTransaction) db.exec("ROLLBACK");
    onRollback();
  }

  #commit(): void {
    if (!this.#isOpen) return;
    const rest = this.#init.beforeCommit();
    while (rest.next().done !== true);
    this.#init.db.exec("COMMIT");
    this.#isOpen = false;
    this.#init.onCommit();
  }
}
