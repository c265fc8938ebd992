import type { Clock, ContentProvider } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import { limits } from "../limits/limits.ts";
import type { BufferPool } from "./buffer-pool.ts";
import { ChunkLink, type ChunkSession } from "./chunk-link.ts";
import type { ChunkWire, ChunkWireEvents } from "./chunk-wire.ts";
import { DirectLinks } from "./direct-links.ts";
import { PeerSession, type PeerSessionEvents } from "./peer-session.ts";
import { createStreamWire } from "./stream-wire.ts";

/** What the links need. */
export interface ChunkLinksComponents {
  readonly clock: Clock;
  readonly pool: BufferPool;
  /** Opens a chunk stream to a peer, dialling it when needed. */
  openStream(provider: string | ContentProvider, signal: AbortSignal): Promise<Stream>;
  /**
   * Opens a direct connection to a peer that is connected; absent where there must be none.
   * @returns makes the wire
   */
  readonly openDirect?: (peerId: string, signal: AbortSignal) => Promise<(events: ChunkWireEvents) => ChunkWire>;
}

/** What a session is for. */
export interface SessionOptions {
  readonly cid: string;
  /** Whether so much is to come that a direct connection is worth its while. */
  readonly bulk: boolean;
  readonly signal: AbortSignal;
}

/** One chunk stream per peer, and a direct connection beside it where that pays; kept for a while after their last use. */
export class ChunkLinks {
  readonly #components: ChunkLinksComponents;
  readonly #direct: DirectLinks;
  readonly #links = new Map<string, ChunkLink>();
  readonly #opening = new Map<string, Promise<ChunkLink>>();
  readonly #lastUseMs = new Map<string, number>();
  readonly #stopSweeping: () => void;

  constructor(components: ChunkLinksComponents) {
    this.#components = components;
    this.#direct = new DirectLinks(components);
    const { clock } = components;
    // Well before the other side ends an idle stream, so that no request is ever sent into a closed one.
    this.#stopSweeping = clock.every(limits.idleStreamMs / 8, () => {
      const oldest = clock.monotonic() - limits.idleStreamMs / 2;
      for (const [peerId, link] of this.#links) {
        if (!link.idle) this.#lastUseMs.set(peerId, clock.monotonic());
        else if ((this.#lastUseMs.get(peerId) ?? 0) < oldest) link.close();
      }
    });
  }

  /**
   * Begins a download from a peer.
   * @throws GgenError `network.dial-failed`, `network.connection-timeout`
   */
  async session(
    provider: string | ContentProvider,
    events: PeerSessionEvents,
    { cid, bulk, signal }: SessionOptions,
  ): Promise<ChunkSession> {
    const peerId = typeof provider === "string" ? provider : provider.peerId;
    const link = this.#links.get(peerId) ?? (await this.#open(provider, peerId, signal));
    this.#lastUseMs.set(peerId, this.#components.clock.monotonic());
    const session = new PeerSession(link, cid, events);
    if (bulk) this.#direct.join(peerId, session);
    return session;
  }

  /** What came directly from a peer was not what it should be: it is asked over its stream only, for a while. */
  distrustDirect(peerId: string): void {
    this.#direct.distrust(peerId);
  }

  stop(): void {
    this.#stopSweeping();
    this.#direct.stop();
    for (const link of this.#links.values()) link.close();
  }

  async #open(provider: string | ContentProvider, peerId: string, signal: AbortSignal): Promise<ChunkLink> {
    const opening = this.#opening.get(peerId);
    if (opening !== undefined) {
      const shared = await opening.catch(() => undefined);
      // The other opener may have been cancelled; that is no reason for this one to fail.
      if (shared !== undefined) return shared;
    }
    const started = this.#components.openStream(provider, signal).then((stream) => {
      const onClosed = (): void => {
        if (this.#links.get(peerId) !== link) return;
        this.#links.delete(peerId);
        this.#lastUseMs.delete(peerId);
        // A direct connection lasts no longer than the authenticated one that it stands beside.
        this.#direct.close(peerId);
      };
      const link = new ChunkLink((events) => createStreamWire(stream, events), this.#components.pool, onClosed);
      this.#links.set(peerId, link);
      return link;
    });
    this.#opening.set(peerId, started);
    try {
      return await started;
    } finally {
      if (this.#opening.get(peerId) === started) this.#opening.delete(peerId);
    }
  }
}
