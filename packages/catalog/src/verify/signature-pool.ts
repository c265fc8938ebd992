import { availableParallelism } from "node:os";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { type Clock, IdleTimer, type Logger } from "@ggen/p2p-types";

import { packChecks, type SignatureCheck, verifyPacked } from "./packed-checks.ts";

/** Fewer checks than these are not worth a thread. */
const minForThreads = 64;
/** Checks that a thread gets at once: about 10 ms of work. */
const checksPerTask = 128;
/** Checks made in one go where there is no thread: about 3 ms. */
const checksPerTurn = 32;
const maxThreads = 4;
/** Threads that had nothing to do for this long are ended. */
const idleMs = 10_000;

interface Task {
  readonly checks: readonly SignatureCheck[];
  readonly resolve: (verdicts: Uint8Array) => void;
}

/** Checks signatures: a few at once, many in threads of their own, so that whoever sends them stalls nobody. */
export class SignaturePool {
  readonly #logger: Logger;
  readonly #workerUrl: () => URL;
  readonly #idle: Worker[] = [];
  readonly #busy = new Map<Worker, Task>();
  readonly #waiting: Task[] = [];
  readonly #rest: IdleTimer;
  #isBroken = false;
  #isClosed = false;

  /** @param workerUrl - of the thread's module; asked for when many signatures come */
  constructor(clock: Clock, logger: Logger, workerUrl: () => URL) {
    this.#rest = new IdleTimer(clock, idleMs, () => void this.#endThreads(this.#idle.splice(0)));
    this.#logger = logger;
    this.#workerUrl = workerUrl;
  }

  /** @returns whether each signature is valid; never rejects */
  async verify(checks: readonly SignatureCheck[]): Promise<boolean[]> {
    if (checks.length < minForThreads || this.#isBroken || this.#isClosed) return verifyHere(checks);
    const parts: Promise<Uint8Array>[] = [];
    for (let at = 0; at < checks.length; at += checksPerTask) {
      const part = checks.slice(at, at + checksPerTask);
      parts.push(new Promise((resolve) => this.#waiting.push({ checks: part, resolve })));
    }
    this.#assign();
    const verdicts: boolean[] = [];
    for (const part of await Promise.all(parts)) for (const verdict of part) verdicts.push(verdict === 1);
    return verdicts;
  }

  /** Ends the threads; what they were at is finished without them. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#endThreads([...this.#idle.splice(0), ...this.#busy.keys()]);
  }

  #assign(): void {
    this.#rest.stop();
    while (this.#waiting.length > 0) {
      const worker = this.#idle.pop() ?? this.#start();
      if (worker === undefined) break;
      const task = this.#waiting.shift();
      if (task === undefined) break;
      const packed = packChecks(task.checks);
      this.#busy.set(worker, task);
      // Only a thread with work to do keeps the process alive.
      worker.ref();
      worker.postMessage(packed, [packed.buffer]);
    }
    if (this.#busy.size === 0 && !this.#isClosed) this.#rest.begin();
  }

  /** @returns undefined when there are enough threads */
  #start(): Worker | undefined {
    if (this.#busy.size >= Math.min(maxThreads, availableParallelism())) return undefined;
    const worker = new Worker(this.#workerUrl());
    const end = (error: unknown): void => this.#onEnd(worker, error);
    worker.on("message", (verdicts: Uint8Array) => {
      const task = this.#busy.get(worker);
      this.#busy.delete(worker);
      worker.unref();
      if (!this.#isClosed) this.#idle.push(worker);
      task?.resolve(verdicts);
      this.#assign();
    });
    worker.on("error", end).on("exit", (code) => end(new Error(`the thread ended with ${code}`)));
    return worker;
  }

  /** A thread ended: its task and all that waits are done here instead. */
  #onEnd(worker: Worker, error: unknown): void {
    const place = this.#idle.indexOf(worker);
    if (place >= 0) this.#idle.splice(place, 1);
    const task = this.#busy.get(worker);
    this.#busy.delete(worker);
    if (task === undefined) return;
    if (!this.#isClosed) {
      this.#isBroken = true;
      this.#logger.log("warn", "A thread that checks signatures ended; they are checked without", {
        error: String(error),
      });
    }
    for (const { checks, resolve } of [task, ...this.#waiting.splice(0)]) {
      void verifyHere(checks).then((verdicts) => resolve(Uint8Array.from(verdicts, Number)));
    }
  }

  async #endThreads(threads: readonly Worker[]): Promise<void> {
    this.#rest.stop();
    await Promise.all(threads.map((worker) => worker.terminate()));
  }
}

async function verifyHere(checks: readonly SignatureCheck[]): Promise<boolean[]> {
  const verdicts: boolean[] = [];
  for (let at = 0; at < checks.length; at += checksPerTurn) {
    if (at > 0) await nextTurn();
    for (const verdict of verifyPacked(packChecks(checks.slice(at, at + checksPerTurn)))) verdicts.push(verdict === 1);
  }
  return verdicts;
}

/**
 * The module of the threads: this package's own, or in a bundle the file `signature-worker.js` beside it. The call is written out, since
 * bundlers look for it.
 */
export function findSignatureWorker(): URL {
  try {
    return new URL(import.meta.resolve("@ggen/p2p-catalog/signature-worker"));
  } catch {
    return new URL("./signature-worker.js", import.meta.url);
  }
}
