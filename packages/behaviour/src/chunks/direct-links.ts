import { GgenError, isGgenError } from "@ggen/p2p-types";

import { limits } from "../limits/limits.ts";
import { ChunkLink } from "./chunk-link.ts";
import type { ChunkLinksComponents } from "./chunk-links.ts";
import type { PeerSession } from "./peer-session.ts";

/** Direct connections to peers, opened beside their streams and without ever making a download wait. */
export class DirectLinks {
  readonly #components: Pick<ChunkLinksComponents, "clock" | "pool" | "openDirect">;
  readonly #links = new Map<string, ChunkLink>();
  readonly #opening = new Map<string, Set<PeerSession>>();
  /** Peers that are not asked for a direct connection before this time. */
  readonly #notBeforeMs = new Map<string, number>();
  readonly #stopping = new AbortController();
  readonly #stopSweeping: () => void;

  constructor(components: Pick<ChunkLinksComponents, "clock" | "pool" | "openDirect">) {
    this.#components = components;
    this.#stopSweeping = components.clock.every(limits.directStallMs, () => {
      for (const [peerId, link] of this.#links) {
        if (!link.isStuck()) continue;
        this.#leaveAlone(peerId);
        link.abort(new GgenError("network.connection-timeout", "A direct connection stopped"));
      }
    });
  }

  /** Has a session use the direct connection to its peer, as soon as there is one. */
  join(peerId: string, session: PeerSession): void {
    const link = this.#links.get(peerId);
    if (link !== undefined) {
      session.useDirect(link);
      return;
    }
    const waiting = this.#opening.get(peerId);
    if (waiting !== undefined) waiting.add(session);
    else if ((this.#notBeforeMs.get(peerId) ?? 0) <= this.#components.clock.monotonic())
      void this.#open(peerId, session);
  }

  /** Ends the direct connection to a peer, and opens no other for a while. */
  distrust(peerId: string): void {
    this.#leaveAlone(peerId);
    this.#links.get(peerId)?.abort(new GgenError("content.mismatch", "A direct connection gave wrong bytes"));
  }

  close(peerId: string): void {
    this.#links.get(peerId)?.close();
  }

  stop(): void {
    this.#stopSweeping();
    this.#stopping.abort(new GgenError("aborted", "The node was stopped"));
    for (const link of this.#links.values()) link.close();
  }

  async #open(peerId: string, first: PeerSession): Promise<void> {
    const { openDirect, pool } = this.#components;
    if (openDirect === undefined) return;
    const waiting = new Set([first]);
    this.#opening.set(peerId, waiting);
    try {
      const open = await openDirect(peerId, this.#stopping.signal);
      const link = new ChunkLink(open, pool, (error) => {
        if (isGgenError(error, "network.protocol")) this.#leaveAlone(peerId);
        if (this.#links.get(peerId) === link) this.#links.delete(peerId);
      });
      this.#links.set(peerId, link);
      for (const session of waiting) session.useDirect(link);
    } catch {
      // The stream does it all; why there is no direct connection is of no use to anybody.
      this.#leaveAlone(peerId);
    } finally {
      this.#opening.delete(peerId);
    }
  }

  #leaveAlone(peerId: string): void {
    const nowMs = this.#components.clock.monotonic();
    for (const [known, untilMs] of this.#notBeforeMs) if (untilMs <= nowMs) this.#notBeforeMs.delete(known);
    this.#notBeforeMs.set(peerId, nowMs + limits.directRetryMs);
  }
}
