import { type Clock, cidOfDigest, type ContentProvider, GgenError, rawCodec, toHex } from "@ggen/p2p-types";
import type { KadDHT } from "@libp2p/kad-dht";

import { withDeadline } from "../limits/deadline.ts";

/** What the router needs. */
export interface ContentRouterComponents {
  readonly dht: KadDHT;
  readonly clock: Clock;
  /** Milliseconds for one walk. */
  readonly queryMs: number;
  /** Whether any peer is connected: without one a walk would only wait. */
  hasPeers(): boolean;
}

/** Counts of DHT walks. */
export interface RoutingCounts {
  readonly queries: number;
  readonly succeeded: number;
}

/** Records that wait for a peer; beyond, the oldest is forgotten. */
const maxPending = 10_000;

/** Who has what: provider records in the DHT. Keys are sha2-256 digests, spoken of as raw CIDs. */
export class ContentRouter {
  readonly #components: ContentRouterComponents;
  /** Digests of ours that no peer has stored yet. */
  readonly #pending = new Map<string, Uint8Array>();
  #queries = 0;
  #succeeded = 0;
  #retrying = false;

  constructor(components: ContentRouterComponents) {
    this.#components = components;
  }

  get counts(): RoutingCounts {
    return { queries: this.#queries, succeeded: this.#succeeded };
  }

  /** Records that no peer has stored yet. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Says in the DHT that this node has something. Renewed by itself until withdrawn; when no peer takes it now, it is
   * said again when peers come.
   * @param digest - 32 bytes
   * @returns how many peers it was given to
   * @throws GgenError `dht.lookup-timeout`
   */
  async provide(digest: Uint8Array, signal?: AbortSignal): Promise<number> {
    const key = toHex(digest);
    this.#pending.delete(key);
    this.#pending.set(key, digest);
    const [oldest] = this.#pending.keys();
    if (this.#pending.size > maxPending && oldest !== undefined) this.#pending.delete(oldest);
    if (!this.#components.hasPeers()) return 0;
    const stored = await this.#walk(signal, async (walkSignal) => {
      let count = 0;
      for await (const event of this.#components.dht.provide(toCid(digest), { signal: walkSignal })) {
        if (event.name === "PEER_RESPONSE" && event.messageName === "ADD_PROVIDER") count += 1;
      }
      return count;
    });
    if (stored > 0) {
      this.#succeeded += 1;
      this.#pending.delete(key);
    }
    return stored;
  }

  /** Takes a record of ours back; copies at others expire. */
  async withdraw(digest: Uint8Array): Promise<void> {
    this.#pending.delete(toHex(digest));
    await this.#components.dht.cancelReprovide(toCid(digest));
  }

  /**
   * Walks the DHT for holders.
   * @param digest - 32 bytes
   * @yields each holder once, as it is found
   * @throws GgenError `dht.lookup-timeout` when the walk took too long and found nobody
   */
  async *findProviders(
    digest: Uint8Array,
    options: { readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<ContentProvider> {
    const { dht, clock, queryMs } = this.#components;
    if (!this.#components.hasPeers()) return;
    this.#queries += 1;
    const timer = new AbortController();
    const deadline = new AbortController();
    clock.sleep(queryMs, timer.signal).then(
      () => deadline.abort(),
      () => {},
    );
    const signal = AbortSignal.any([deadline.signal, ...(options.signal === undefined ? [] : [options.signal])]);
    const seen = new Set<string>();
    try {
      for await (const event of dht.findProviders(toCid(digest), { signal })) {
        if (event.name !== "PROVIDER") continue;
        for (const { id, multiaddrs } of event.providers) {
          const peerId = id.toString();
          if (seen.has(peerId)) continue;
          seen.add(peerId);
          yield { peerId, addresses: multiaddrs.map(String) };
        }
      }
      this.#succeeded += 1;
    } catch (error) {
      options.signal?.throwIfAborted();
      if (deadline.signal.aborted) {
        if (seen.size === 0) throw tooLong(queryMs, error);
      } else if (!isQueryEnd(error)) {
        throw error;
      }
    } finally {
      timer.abort();
    }
  }

  /** Says again what no peer has stored yet; called when a peer came. */
  async retryPending(signal: AbortSignal): Promise<void> {
    if (this.#retrying) return;
    this.#retrying = true;
    try {
      for (const digest of this.#pending.values()) {
        if (signal.aborted || !this.#components.hasPeers()) break;
        if ((await this.provide(digest, signal).catch(() => 0)) === 0) break;
      }
    } finally {
      this.#retrying = false;
    }
  }

  async #walk<T>(signal: AbortSignal | undefined, walk: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { clock, queryMs } = this.#components;
    this.#queries += 1;
    try {
      return await withDeadline(clock, queryMs, signal, "A walk of the DHT", walk);
    } catch (error) {
      signal?.throwIfAborted();
      throw tooLong(queryMs, error);
    }
  }
}

function toCid(digest: Uint8Array) {
  return cidOfDigest(rawCodec, digest);
}

function tooLong(limitMs: number, cause: unknown): GgenError {
  return new GgenError("dht.lookup-timeout", "A walk of the DHT did not finish in time", {
    expected: `at most ${limitMs / 1000} s`,
    cause,
  });
}

/** kad-dht ends a walk over peers that all failed with an error of its own: it found nothing, which is no failure. */
function isQueryEnd(error: unknown): boolean {
  return error instanceof Error && /QueryError|NoPeers|NotFound|AggregateError|QueryAborted/.test(error.name);
}
