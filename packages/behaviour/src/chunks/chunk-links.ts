import type { Clock, ContentProvider } from "@ggen/p2p-types";
import type { Stream } from "@libp2p/interface";

import { limits } from "../limits/limits.ts";
import { ChunkLink, type ChunkSession, type ChunkSessionEvents } from "./chunk-link.ts";

/** What the links need. */
export interface ChunkLinksComponents {
  readonly clock: Clock;
  /** Opens a chunk stream to a peer, dialling it when needed. */
  openStream(provider: string | ContentProvider, signal: AbortSignal): Promise<Stream>;
}

/** One chunk stream per peer, opened when needed and kept for a while after. */
export class ChunkLinks {
  readonly #components: ChunkLinksComponents;
  readonly #links = new Map<string, ChunkLink>();
  readonly #opening = new Map<string, Promise<ChunkLink>>();
  readonly #lastUseMs = new Map<string, number>();
  readonly #stopSweeping: () => void;

  constructor(components: ChunkLinksComponents) {
    this.#components = components;
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
    cid: string,
    events: ChunkSessionEvents,
    signal: AbortSignal,
  ): Promise<ChunkSession> {
    const peerId = typeof provider === "string" ? provider : provider.peerId;
    const link = this.#links.get(peerId) ?? (await this.#open(provider, peerId, signal));
    this.#lastUseMs.set(peerId, this.#components.clock.monotonic());
    return link.session(cid, events);
  }

  stop(): void {
    this.#stopSweeping();
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
      const link = new ChunkLink(stream, () => {
        if (this.#links.get(peerId) !== link) return;
        this.#links.delete(peerId);
        this.#lastUseMs.delete(peerId);
      });
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
