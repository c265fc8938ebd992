import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";

import { type Clock, IdleTimer } from "@ggen/p2p-types";

import type { HashReply, HashTask } from "./hash-worker.ts";
import { createRunningHash, type RunningHash } from "./running-hash.ts";

/** Contents from this size on are hashed in a thread: starting one costs as much as hashing them. */
const minBytes = 16 * 1024 * 1024;
/** A thread that had nothing to do for this long is ended. */
const idleMs = 10_000;

/** Makes the hashes of large contents in a thread of its own, where there is a processor for it. */
export class HashThread {
  readonly #workerUrl: () => URL;
  readonly #isUseful: boolean;
  /** Who is answered next. */
  #waiting: ((reply: HashReply | Error) => void)[] = [];
  #worker: Worker | undefined;
  #nextId = 0;
  #running = 0;
  readonly #rest: IdleTimer;
  #isBroken = false;

  /**
   * @param workerUrl - of the thread's module; asked for when the first large content comes
   * @param processors - that this process may use
   */
  constructor(clock: Clock, workerUrl: () => URL, processors: number = availableParallelism()) {
    this.#rest = new IdleTimer(clock, idleMs, () => {
      if (this.#running === 0) void this.#worker?.terminate();
    });
    this.#workerUrl = workerUrl;
    this.#isUseful = processors > 1;
  }

  /** Begins a hash. @param bytes - how many are to come */
  begin(bytes: number): RunningHash {
    if (!this.#isUseful || this.#isBroken || bytes < minBytes) return createRunningHash();
    const id = this.#nextId;
    this.#nextId += 1;
    this.#running += 1;
    this.#rest.stop();
    const worker = (this.#worker ??= this.#start());
    // A thread that ended has lost what it had: another knows nothing of it.
    const isLost = (): boolean => this.#worker !== worker;
    return {
      update: (piece, onRead) => {
        if (isLost()) onRead();
        else this.#tell(worker, { id, bytes: piece }, onRead);
      },
      digest: () =>
        new Promise((resolve, reject) => {
          const settle = (reply: HashReply | Error): void => {
            if (typeof reply === "string") resolve(reply);
            else reject(reply ?? new Error("the thread gave no digest"));
          };
          if (isLost()) settle(new Error("the thread that hashes ended"));
          else this.#tell(worker, { id, want: "digest" }, settle);
        }),
      end: () => {
        if (!isLost()) this.#tell(worker, { id, want: "end" }, () => {});
        this.#running -= 1;
        if (this.#running === 0) this.#rest.begin();
      },
    };
  }

  /** Ends the thread. */
  async close(): Promise<void> {
    this.#rest.stop();
    // An answer that is still on its way would let go of the process before the thread has ended.
    this.#worker?.removeAllListeners("message");
    await this.#worker?.terminate();
  }

  #tell(worker: Worker, task: HashTask, onReply: (reply: HashReply | Error) => void): void {
    // Only a thread with work to do keeps the process alive.
    if (this.#waiting.length === 0) worker.ref();
    this.#waiting.push(onReply);
    worker.postMessage(task);
  }

  #start(): Worker {
    const worker = new Worker(this.#workerUrl());
    worker.unref();
    const end = (error: unknown): void => {
      if (this.#worker !== worker) return;
      this.#worker = undefined;
      this.#isBroken ||= this.#waiting.length > 0;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const settle of waiting) settle(error instanceof Error ? error : new Error(String(error)));
    };
    worker.on("message", (reply: HashReply) => {
      const settle = this.#waiting.shift();
      if (this.#waiting.length === 0) worker.unref();
      settle?.(reply);
    });
    worker.on("error", end).on("exit", (code) => end(new Error(`the thread that hashes ended with ${code}`)));
    return worker;
  }
}

/**
 * The module of the thread: this package's own, or in a bundle the file `hash-worker.js` beside it. The call is written out, since
 * bundlers look for it.
 */
export function findHashWorker(): URL {
  try {
    return new URL(import.meta.resolve("@ggen/p2p-cache/hash-worker"));
  } catch {
    return new URL("./hash-worker.js", import.meta.url);
  }
}
