import { type Clock, cidOfDigest, type ContentProvider, GgenError, rawCodec, toHex } from "@ggen/p2p-types";
import type { KadDHT } from "@libp2p/kad-dht";

import { withDeadline } from "../limits/deadline.ts";

/** What the router needs. */
export interface ContentRouterComponents {
  readonly dht: KadDHT;
  readonly clock: Clock;
  /** Milliseconds for one walk. */
  readonly queryMs: number;
  /** Peers that a record should be given to. */
  readonly copies: number;
  /** Whether any peer is connected: without one a walk would only wait. */
  hasPeers(): boolean;
  /** Connected peers that serve the DHT. */
  servers(): number;
}

/** Counts of DHT walks. */
export interface RoutingCounts {
  readonly queries: number;
  readonly succeeded: number;
}

/** Walks of one lookup that finds nobody. */
const maxWalks = 2;

/** A record of this node that fewer peers have than should. */
interface PendingRecord {
  readonly digest: Uint8Array;
  /** Peers that have it. */
  readonly stored: number;
}

/** Records that are said in the background one right after the other. */
const saidAtOnce = 16;
/** Between those that follow, a pause of three times what one took, at most so many milliseconds: others get their turn. */
const maxPauseMs = 20;

/** Records that wait for peers; beyond, the oldest is forgotten. */
const maxPending = 10_000;

/** Who has what: provider records in the DHT. Keys are sha2-256 digests, spoken of as raw CIDs. */
export class ContentRouter {
  readonly #components: ContentRouterComponents;
  readonly #pending = new Map<string, PendingRecord>();
  #queries = 0;
  #succeeded = 0;
  #retrying = false;
  /** A peer came while records were said again. */
  #isMissed = false;

  constructor(components: ContentRouterComponents) {
    this.#components = components;
  }

  get counts(): RoutingCounts {
    return { queries: this.#queries, succeeded: this.#succeeded };
  }

  /** Records that fewer peers have than should. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Says in the DHT that this node has something. Renewed by itself until withdrawn; when few peers take it now, it is
   * said again when more have come: what two nodes told each other is found by the thousand that they meet later.
   * @param digest - 32 bytes
   * @returns how many peers it was given to
   * @throws GgenError `dht.lookup-timeout`
   */
  async provide(digest: Uint8Array, signal?: AbortSignal): Promise<number> {
    this.#pending.delete(toHex(digest));
    this.#wait(digest, 0);
    if (!this.#components.hasPeers()) return 0;
    const stored = await this.#walk(signal, async (walkSignal) => {
      let count = 0;
      for await (const event of this.#components.dht.provide(toCid(digest), { signal: walkSignal })) {
        if (event.name === "PEER_RESPONSE" && event.messageName === "ADD_PROVIDER") count += 1;
      }
      return count;
    });
    if (stored > 0) this.#succeeded += 1;
    // Not when it was withdrawn meanwhile.
    if (this.#pending.has(toHex(digest))) this.#wait(digest, stored);
    return stored;
  }

  /** Says it in the background, among what waits for peers. @param digest - 32 bytes */
  provideSoon(digest: Uint8Array, signal: AbortSignal): void {
    if (!this.#pending.has(toHex(digest))) this.#wait(digest, 0);
    void this.retryPending(signal);
  }

  /** Takes a record of ours back; copies at others expire. */
  async withdraw(digest: Uint8Array): Promise<void> {
    this.#pending.delete(toHex(digest));
    await this.#components.dht.cancelReprovide(toCid(digest));
  }

  /**
   * Walks the DHT for holders; once more when that found nobody, since the second walk begins at peers near the key that
   * the first one met.
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
      for (let walk = 1; walk <= maxWalks && seen.size === 0; walk += 1) {
        for await (const event of dht.findProviders(toCid(digest), { signal })) {
          if (event.name !== "PROVIDER") continue;
          for (const { id, multiaddrs } of event.providers) {
            const peerId = id.toString();
            if (seen.has(peerId)) continue;
            seen.add(peerId);
            yield { peerId, addresses: multiaddrs.map(String) };
          }
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

  /** Says again what more peers can have by now; called when a peer of the DHT came. */
  async retryPending(signal: AbortSignal): Promise<void> {
    this.#isMissed = this.#retrying;
    if (this.#retrying) return;
    this.#retrying = true;
    const { clock } = this.#components;
    let said = 0;
    for (const { digest, stored } of this.#pending.values().toArray()) {
      if (signal.aborted || !this.#components.hasPeers()) break;
      if (stored > 0 && stored >= this.#components.servers()) continue;
      const since = clock.monotonic();
      if ((await this.provide(digest, signal).catch(() => 0)) === 0) break;
      said += 1;
      if (said < saidAtOnce) continue;
      await clock.sleep(Math.min(3 * (clock.monotonic() - since), maxPauseMs), signal).catch(() => {});
    }
    this.#retrying = false;
    if (this.#isMissed && !signal.aborted) await this.retryPending(signal);
  }

  /** Remembers that a record waits for more peers, or that it has enough. @param stored - peers that have it */
  #wait(digest: Uint8Array, stored: number): void {
    const key = toHex(digest);
    if (stored >= this.#components.copies) this.#pending.delete(key);
    else this.#pending.set(key, { digest, stored });
    const [oldest] = this.#pending.keys();
    if (this.#pending.size > maxPending && oldest !== undefined) this.#pending.delete(oldest);
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
