import { once } from "node:events";
import { Worker } from "node:worker_threads";

import { type Clock, GgenError } from "@ggen/p2p-types";

import { searchTimeoutMs } from "../replica/limits.ts";
import { toStorageError } from "../replica/database.ts";
import type { FoundRows, SearchRequest } from "./search-request.ts";
import type { SearchReply, SearchTask } from "./search-worker.ts";

/** Searches that may wait for the one that runs. */
const maxWaitingSearches = 256;
/** How long the thread may take to close its database before it is ended all the same, in milliseconds. */
const closeMs = 5000;

/** Runs searches in a thread of their own, one at a time. */
export class SearchClient {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #workerUrl: () => URL;
  #worker: Worker | undefined;
  #tail: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #closed = false;
  /** Set while the search that runs is to stop: there is one at a time. */
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  /** Ends the search that runs. */
  #stopRunning: (() => void) | undefined;

  /**
   * @param path - the database's
   * @param workerUrl - of the worker's module; asked for when the first search comes
   */
  constructor(path: string, clock: Clock, workerUrl: () => URL) {
    this.#path = path;
    this.#clock = clock;
    this.#workerUrl = workerUrl;
  }

  /** @throws GgenError `usage.invalid` after 400 ms, `aborted`, `network.refused`, `storage.failed`, `storage.corrupt` */
  async search(request: SearchRequest, signal?: AbortSignal): Promise<FoundRows> {
    if (this.#waiting >= maxWaitingSearches) {
      throw new GgenError("network.refused", "Too many searches at a time", { expected: `${maxWaitingSearches}` });
    }
    this.#waiting++;
    const turn = this.#tail.then(() => this.#run(request, signal));
    this.#tail = turn.catch(() => {});
    try {
      return await turn;
    } finally {
      this.#waiting--;
    }
  }

  /**
   * Stops the thread; what runs or waits fails with `aborted`. It closes its database itself: a thread that is ended in the
   * midst of SQLite can take the process with it.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#stopRunning?.();
    worker.ref();
    const over = new AbortController();
    const late = this.#clock.sleep(closeMs, over.signal).catch(() => {});
    worker.postMessage("close");
    await Promise.race([once(worker, "exit").catch(() => {}), late]);
    over.abort();
    await worker.terminate();
    this.#worker = undefined;
  }

  async #run(request: SearchRequest, signal: AbortSignal | undefined): Promise<FoundRows> {
    if (signal?.aborted) throw cancelled("The search was cancelled");
    const stop = this.#stop;
    Atomics.store(stop, 0, 0);
    const finished = new AbortController();
    const onAbort = (): void => {
      Atomics.store(stop, 0, 1);
    };
    signal?.addEventListener("abort", onAbort, { once: true });
    this.#stopRunning = onAbort;
    try {
      const reply = await this.#ask({ request, stop }, () => {
        void this.#clock.sleep(searchTimeoutMs, finished.signal).then(onAbort, () => {});
      });
      if ("rows" in reply) return JSON.parse(reply.rows) as FoundRows;
      if (!reply.stopped) throw toStorageError(this.#path, reply.message, reply.sqliteCode);
      if (signal?.aborted) throw cancelled("The search was cancelled");
      if (this.#closed) throw cancelled("The catalogue was closed");
      throw new GgenError("usage.invalid", "The search took too long and was stopped", {
        expected: `at most ${searchTimeoutMs} ms`,
        hint: "Search for rarer words, or for fewer of them; for results far behind, go on with a cursor.",
      });
    } finally {
      finished.abort();
      this.#stopRunning = undefined;
      signal?.removeEventListener("abort", onAbort);
    }
  }

  /**
   * Gives a task to the worker, starting it when there is none.
   * @param onStart - called when the worker is there and gets the task: its own start does not count as search time
   */
  #ask(task: SearchTask, onStart: () => void): Promise<SearchReply> {
    if (this.#closed) return Promise.reject(cancelled("The catalogue was closed"));
    const isNew = this.#worker === undefined;
    const worker = (this.#worker ??= new Worker(this.#workerUrl(), { workerData: { path: this.#path } }));
    // Only a search that runs keeps the process alive.
    worker.ref();
    return new Promise<SearchReply>((resolve, reject) => {
      const begin = (): void => {
        onStart();
        worker.postMessage(task);
      };
      const onEnd = (error: unknown): void => {
        if (this.#worker === worker) this.#worker = undefined;
        settle();
        reject(
          this.#closed
            ? cancelled("The catalogue was closed")
            : toStorageError(this.#path, String(error), undefined, error),
        );
      };
      const onExit = (code: number): void => onEnd(new Error(`the search thread ended with ${code}`));
      const onMessage = (message: SearchReply | "ready"): void => {
        if (message === "ready") {
          begin();
          return;
        }
        settle();
        resolve(message);
      };
      const settle = (): void => {
        worker.off("message", onMessage).off("error", onEnd).off("exit", onExit);
        worker.unref();
      };
      worker.on("message", onMessage).on("error", onEnd).on("exit", onExit);
      if (!isNew) begin();
    });
  }
}

/** The module of the search thread: this package's own, or in a bundle the file `search-worker.js` beside it. */
export function findSearchWorker(): URL {
  try {
    return new URL(import.meta.resolve("@ggen/p2p-catalog/search-worker"));
  } catch {
    return new URL("./search-worker.js", import.meta.url);
  }
}

function cancelled(message: string): GgenError {
  return new GgenError("aborted", message);
}
