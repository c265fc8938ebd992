import { GgenError, throwIfCancelled } from "@ggen/p2p-types";

import type { RunningNetwork } from "./start-network.ts";

/** The network of a registry: started, stopped and started again, never two at once, and over with the registry. */
export class NetworkLife {
  #running: RunningNetwork | undefined;
  #starting: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
  #stopping: Promise<void> | undefined;
  readonly #closed = new AbortController();

  /** What runs; undefined before it has started, and as soon as it is told to stop. */
  get running(): RunningNetwork | undefined {
    return this.#running;
  }

  /** Fires when the registry is closed. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  /**
   * Starts it. A stop on its way is waited for first.
   * @param open - starts the network, or throws and leaves nothing behind
   * @param signal - the caller's
   * @throws GgenError `registry.already-running`, `registry.not-running` when the registry was closed, `aborted` also when
   *   it is told to stop meanwhile, and what `open` throws
   */
  async start(open: (signal: AbortSignal) => Promise<RunningNetwork>, signal?: AbortSignal): Promise<void> {
    if (this.#closed.signal.aborted) {
      throw new GgenError("registry.not-running", "The registry was closed", {
        hint: "Open its home again: P2PRegistry.create.",
      });
    }
    if (this.#running !== undefined || this.#starting !== undefined) {
      throw new GgenError("registry.already-running", "The node is already running");
    }
    const stop = new AbortController();
    const starting = this.#start(open, signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]));
    const ended = starting.then(
      () => {},
      () => {},
    );
    this.#starting = { stop, ended };
    try {
      await starting;
    } finally {
      this.#starting = undefined;
    }
  }

  /** Stops it, or what is starting; resolves once it has stopped. Does nothing when it does not run. */
  stop(): Promise<void> {
    if (this.#stopping !== undefined && this.#starting === undefined) return this.#stopping;
    const stopping = this.#stop(this.#stopping).finally(() => {
      if (this.#stopping === stopping) this.#stopping = undefined;
    });
    this.#stopping = stopping;
    return stopping;
  }

  /** Stops it for good. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.stop();
  }

  async #start(open: (signal: AbortSignal) => Promise<RunningNetwork>, signal: AbortSignal): Promise<void> {
    await this.#stopping?.catch(() => {});
    throwIfCancelled(signal);
    try {
      this.#running = await open(signal);
    } catch (error) {
      throwIfCancelled(signal);
      throw error;
    }
  }

  async #stop(before: Promise<void> | undefined): Promise<void> {
    const starting = this.#starting;
    if (starting !== undefined) {
      starting.stop.abort(new GgenError("aborted", "The node was stopped while it started"));
      await starting.ended;
    }
    const running = this.#running;
    this.#running = undefined;
    await before;
    await running?.stop();
  }
}
