import type { BlockRef } from "@ggen/p2p-types";

import type { ChunkLink, ChunkSession, ChunkSessionEvents } from "./chunk-link.ts";

/** What a download is told of a peer. */
export interface PeerSessionEvents extends Omit<ChunkSessionEvents, "onBlock"> {
  /** @param direct - whether it came over a direct connection, where somebody else may have changed it on its way */
  onBlock(block: BlockRef, bytes: Uint8Array, release: () => void, direct: boolean): void;
}

/**
 * One download's way to one peer: its stream, and a direct connection beside it once there is one. Blocks are asked for
 * over the direct connection as long as it lasts; what it still owed when it ended is asked for over the stream.
 */
export class PeerSession implements ChunkSession {
  readonly #cid: string;
  readonly #events: PeerSessionEvents;
  readonly #stream: ChunkSession;
  readonly #owedDirectly = new Map<string, BlockRef>();
  #direct: ChunkSession | undefined;
  #paused = false;
  #closed = false;

  constructor(link: ChunkLink, cid: string, events: PeerSessionEvents) {
    this.#cid = cid;
    this.#events = events;
    this.#stream = link.session(cid, {
      onHave: (map) => events.onHave(map),
      onProgress: (bytes) => events.onProgress(bytes),
      onBlock: (block, bytes, release) => events.onBlock(block, bytes, release, false),
      onMissing: (blocks) => events.onMissing(blocks),
      onBusy: (blocks) => events.onBusy(blocks),
      onRefused: () => events.onRefused(),
      onClose: (error) => {
        this.close();
        events.onClose(error);
      },
    });
  }

  /** A direct connection to the same peer is there. */
  useDirect(link: ChunkLink): void {
    if (this.#closed || this.#direct !== undefined) return;
    const events = this.#events;
    const settle = (blocks: readonly BlockRef[]): void => {
      for (const { digest } of blocks) this.#owedDirectly.delete(digest);
    };
    this.#direct = link.session(this.#cid, {
      onHave: () => {},
      onProgress: (bytes) => events.onProgress(bytes),
      onBlock: (block, bytes, release) => {
        settle([block]);
        events.onBlock(block, bytes, release, true);
      },
      onMissing: (blocks) => {
        settle(blocks);
        events.onMissing(blocks);
      },
      onBusy: (blocks) => {
        settle(blocks);
        events.onBusy(blocks);
      },
      onRefused: () => events.onRefused(),
      onClose: () => this.#onDirectClose(),
    });
    if (this.#paused) this.#direct.pause();
  }

  askHave(): void {
    this.#stream.askHave();
  }

  ask(blocks: readonly BlockRef[]): void {
    if (this.#direct === undefined) {
      this.#stream.ask(blocks);
      return;
    }
    for (const block of blocks) this.#owedDirectly.set(block.digest, block);
    this.#direct.ask(blocks);
  }

  pause(): void {
    this.#paused = true;
    this.#stream.pause();
    this.#direct?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#stream.resume();
    this.#direct?.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    // The links live on: the next download must not find them paused.
    if (this.#paused) this.resume();
    this.#direct?.close();
    this.#stream.close();
  }

  #onDirectClose(): void {
    this.#direct = undefined;
    const owed = [...this.#owedDirectly.values()];
    this.#owedDirectly.clear();
    if (!this.#closed && owed.length > 0) this.#stream.ask(owed);
  }
}
