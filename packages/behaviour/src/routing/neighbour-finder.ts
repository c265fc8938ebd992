import type { Clock, ContentProvider, Logger } from "@ggen/p2p-types";
import { peerIdFromString } from "@libp2p/peer-id";
import { multiaddr, type Multiaddr } from "@multiformats/multiaddr";

import { withDeadline } from "../limits/deadline.ts";
import { limits } from "../limits/limits.ts";
import { RateLimiter } from "../limits/rate-limiter.ts";
import type { FrameStream } from "../stream/frame-stream.ts";
import { decodeCloserPeers, encodeFindNode } from "../wire/find-node.ts";
import { Neighbourhood } from "./neighbourhood.ts";

/** What looking for neighbours needs. */
export interface NeighbourFinderComponents {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly ownPeerId: string;
  /** Neighbours that there should be: a bucket of the DHT. */
  readonly size: number;
  /** A stream of the DHT's protocol. */
  readonly openDht: (peerId: string, signal: AbortSignal) => Promise<FrameStream>;
  /** Connects. @throws GgenError `network.*` */
  readonly connect: (addresses: readonly Multiaddr[]) => Promise<unknown>;
}

/** Peers that wait to be asked; who comes when there are more is not asked. */
const maxWaiting = 64;

/** Asks each new peer of the DHT who is closest to this node, and connects to them; see {@link Neighbourhood}. */
export class NeighbourFinder {
  readonly #components: NeighbourFinderComponents;
  readonly #ownKey: Uint8Array;
  readonly #neighbours: Neighbourhood;
  readonly #dials = new RateLimiter(limits.neighbourDials, 1);
  readonly #waiting = new Set<string>();
  #isAsking = false;

  constructor(components: NeighbourFinderComponents) {
    this.#components = components;
    this.#ownKey = keyOf(components.ownPeerId);
    this.#neighbours = new Neighbourhood(this.#ownKey, components.size);
  }

  /** Connected peers that serve the DHT. */
  get connected(): number {
    return this.#neighbours.connected;
  }

  /** A peer that serves the DHT was connected. @param stopping - aborted when the node stops */
  meet(peerId: string, stopping: AbortSignal): void {
    if (!this.#neighbours.add(peerId, keyOf(peerId)) || this.#waiting.size >= maxWaiting) return;
    this.#waiting.add(peerId);
    if (!this.#isAsking) void this.#askWaiting(stopping);
  }

  /** A peer was disconnected. */
  lose(peerId: string): void {
    this.#neighbours.remove(peerId);
    this.#waiting.delete(peerId);
  }

  async #askWaiting(stopping: AbortSignal): Promise<void> {
    this.#isAsking = true;
    for (const peerId of this.#waiting) {
      this.#waiting.delete(peerId);
      if (stopping.aborted) break;
      try {
        const named = await this.#ask(peerId, stopping);
        const keyed = named.map((peer) => ({ ...peer, key: keyOf(peer.peerId) }));
        await this.#connectTo(this.#neighbours.choose(keyed));
      } catch (error) {
        const { logger } = this.#components;
        logger.log("debug", "a peer did not say who is close to this node", { peer: peerId, error: String(error) });
      }
    }
    this.#isAsking = false;
  }

  #ask(peerId: string, stopping: AbortSignal): Promise<readonly ContentProvider[]> {
    const { clock, openDht } = this.#components;
    return withDeadline(clock, limits.requestMs, stopping, `A question to ${peerId}`, async (signal) => {
      const frames = await openDht(peerId, signal);
      try {
        await frames.send(encodeFindNode(this.#ownKey), signal);
        const named = decodeCloserPeers(await frames.expect(signal));
        await frames.close(signal);
        return named;
      } catch (error) {
        frames.abort(error as Error);
        throw error;
      }
    });
  }

  async #connectTo(peers: readonly ContentProvider[]): Promise<void> {
    const { clock, connect, logger } = this.#components;
    let [connected, failed] = [0, 0];
    await Promise.all(
      peers.map(async ({ peerId, addresses }) => {
        try {
          if (!this.#dials.allow("", clock.monotonic())) throw new Error("too many at a time");
          await connect(toFull(peerId, addresses));
          connected += 1;
        } catch {
          failed += 1;
          this.#neighbours.forget(peerId);
        }
      }),
    );
    if (peers.length > 0) logger.log("debug", "connected to neighbours in the DHT", { connected, failed });
  }
}

function keyOf(peerId: string): Uint8Array {
  return peerIdFromString(peerId).toMultihash().bytes;
}

/** Addresses that can only lead to this peer; what names another one is left out. */
function toFull(peerId: string, addresses: readonly string[]): readonly Multiaddr[] {
  return addresses
    .map((address) => (address.includes("/p2p/") ? address : `${address}/p2p/${peerId}`))
    .filter((address) => address.endsWith(`/p2p/${peerId}`))
    .map((address) => multiaddr(address));
}
