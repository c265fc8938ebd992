import type { Clock, DiscoveryMethod, Logger, RandomSource } from "@ggen/p2p-types";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";

import { limits } from "../limits/limits.ts";

/** What discovery needs of its node. */
export interface DiscoveryComponents {
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly logger: Logger;
  /** How many peers are connected. */
  connectedPeers(): number;
  isConnected(peerId: string): boolean;
  /** @throws when it cannot be reached */
  dial(target: readonly Multiaddr[]): Promise<string>;
}

interface Candidate {
  readonly addresses: readonly Multiaddr[];
  readonly method: DiscoveryMethod;
  peerId: string | undefined;
  failures: number;
  nextMs: number;
  tried: boolean;
}

/** Candidates remembered beside the configured ones. */
const maxCandidates = 256;
const firstRetryMs = 1000;
const longestRetryMs = 60_000;
/** Dials at once. */
const dialsAtOnce = 8;

/**
 * Finds peers and keeps a few connected: bootstrap addresses, peers heard of by mDNS, and peers known from before. Each
 * is dialled once when it becomes known; after that, with growing pauses, only while fewer than three peers are
 * connected.
 */
export class PeerDiscovery {
  readonly #components: DiscoveryComponents;
  readonly #candidates = new Map<string, Candidate>();
  readonly #methods = new Map<string, DiscoveryMethod>();
  #stopping: AbortController | undefined;
  #running: Promise<void> | undefined;
  #wake: (() => void) | undefined;
  #isWoken = false;

  constructor(components: DiscoveryComponents) {
    this.#components = components;
  }

  /** How a peer became known; undefined when it came by itself or was met in the DHT. */
  methodOf(peerId: string): DiscoveryMethod | undefined {
    return this.#methods.get(peerId);
  }

  /** Remembers how a peer became known; the first method stays. */
  note(peerId: string, method: DiscoveryMethod): void {
    if (this.#methods.has(peerId) || this.#methods.size >= 4 * maxCandidates) return;
    this.#methods.set(peerId, method);
  }

  /**
   * Adds a peer to keep in touch with.
   * @param addresses - multiaddrs of one peer
   * @param method - how it became known
   */
  add(addresses: readonly string[], method: DiscoveryMethod): void {
    const parsed = addresses.map((address) => multiaddr(address));
    const [first] = parsed;
    if (first === undefined) return;
    const peerId = peerIdOf(first);
    const key = peerId ?? first.toString();
    if (this.#candidates.has(key)) return;
    if (this.#candidates.size >= maxCandidates && method !== "bootstrap") this.#forgetOne();
    const now = this.#components.clock.monotonic();
    this.#candidates.set(key, { addresses: parsed, method, peerId, failures: 0, nextMs: now, tried: false });
    this.wake();
  }

  /** Looks again now, e.g. because a peer was lost. */
  wake(): void {
    this.#isWoken = true;
    this.#wake?.();
  }

  start(): void {
    this.#stopping = new AbortController();
    this.#running = this.#run(this.#stopping.signal);
  }

  async stop(): Promise<void> {
    this.#stopping?.abort();
    this.#wake?.();
    await this.#running;
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#isWoken = false;
      const nextMs = await this.#turn(signal);
      if (!signal.aborted && !this.#isWoken) await this.#pause(nextMs, signal);
    }
  }

  /** Dials whoever is due. @returns when the next one is, on the monotonic clock */
  async #turn(signal: AbortSignal): Promise<number | undefined> {
    const { clock } = this.#components;
    const now = clock.monotonic();
    const open = [...this.#candidates.values()].filter((candidate) => this.#isOpen(candidate));
    const due = open.filter(({ nextMs }) => nextMs <= now);
    for (let at = 0; at < due.length && !signal.aborted; at += dialsAtOnce) {
      await Promise.all(due.slice(at, at + dialsAtOnce).map((candidate) => this.#try(candidate, signal)));
    }
    const left = [...this.#candidates.values()].filter((candidate) => this.#isOpen(candidate));
    return left.length === 0 ? undefined : Math.min(...left.map(({ nextMs }) => nextMs));
  }

  /** Whether a candidate should be dialled, now or later. */
  #isOpen({ peerId, tried, method }: Candidate): boolean {
    if (peerId !== undefined && this.#components.isConnected(peerId)) return false;
    return this.#components.connectedPeers() < limits.fewPeers || (!tried && method !== "dht");
  }

  async #try(candidate: Candidate, signal: AbortSignal): Promise<void> {
    const { clock, random, logger } = this.#components;
    try {
      const peerId = await this.#components.dial(candidate.addresses);
      candidate.peerId = peerId;
      candidate.failures = 0;
      this.note(peerId, candidate.method);
    } catch (error) {
      candidate.failures += 1;
      const address = candidate.addresses[0]?.toString();
      if (!signal.aborted) logger.log("debug", "a peer could not be reached", { address, error: String(error) });
    }
    candidate.tried = true;
    const pauseMs = Math.min(longestRetryMs, firstRetryMs * 2 ** Math.max(0, candidate.failures - 1));
    candidate.nextMs = clock.monotonic() + pauseMs * (0.5 + random.number() / 2);
  }

  async #pause(untilMs: number | undefined, signal: AbortSignal): Promise<void> {
    const { clock } = this.#components;
    const timer = new AbortController();
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
      if (signal.aborted) resolve();
      if (untilMs !== undefined)
        clock.sleep(Math.max(1, untilMs - clock.monotonic()), timer.signal).then(resolve, () => {});
    });
    this.#wake = undefined;
    timer.abort();
  }

  #forgetOne(): void {
    for (const [key, { method, tried }] of this.#candidates) {
      if (method === "bootstrap" || !tried) continue;
      this.#candidates.delete(key);
      return;
    }
  }
}

/** The peer id at the end of a multiaddr. */
export function peerIdOf(address: Multiaddr): string | undefined {
  return address.getComponents().findLast(({ name }) => name === "p2p")?.value;
}
