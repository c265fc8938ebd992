import { type BlockRef, chunkSize } from "@ggen/p2p-types";

import type { PeerEnd, PeerTally, SwarmOptions } from "./types.ts";

/** A block and who was asked for it. */
export interface BlockState {
  readonly ref: BlockRef;
  /** Peers that owe it. */
  readonly askedOf: Set<string>;
  /** Copies that came and are being verified. */
  arrived: number;
  stored: boolean;
  /** Its place among equally rare ones. */
  readonly order: number;
}

/** A peer of a download. */
export class PeerState {
  readonly peerId: string;
  /** Digest → when it was asked for. */
  readonly outstanding: Map<string, number> = new Map();
  readonly lacks: Set<string> = new Set();
  window: number;
  lastProgressMs: number;
  leftAloneUntilMs = 0;
  stalled = false;
  end: PeerEnd | undefined;
  bytes = 0;
  wastedBytes = 0;
  firstBlockMs: number | undefined;
  #firstRequestMs: number | undefined;
  #lastArrivalMs: number;
  #bytesPerMs = 0;
  #haveMap: Uint8Array | undefined;
  #isPartial = false;
  readonly #options: SwarmOptions;

  constructor(peerId: string, options: SwarmOptions, nowMs: number) {
    this.peerId = peerId;
    this.#options = options;
    this.window = options.initialWindow;
    this.lastProgressMs = nowMs;
    this.#lastArrivalMs = nowMs;
  }

  /** Whether it has only a part or nothing, and so may be fetching the same. */
  get isFetching(): boolean {
    return this.end === "missing" || (this.live && this.#isPartial);
  }

  get live(): boolean {
    return this.end === undefined;
  }

  /** Takes part again after it was gone. */
  rejoin(nowMs: number): void {
    this.end = undefined;
    this.stalled = false;
    this.lastProgressMs = nowMs;
    this.leftAloneUntilMs = 0;
    this.lacks.clear();
    this.#haveMap = undefined;
  }

  /** @param isWhole - whether every chunk is in it */
  setHave(map: Uint8Array, isWhole: boolean): void {
    this.#haveMap = map;
    this.#isPartial = !isWhole;
    // What it lacked it may have got since.
    this.lacks.clear();
  }

  /** Whether it may be asked for a block. */
  mayHave(ref: BlockRef): boolean {
    if (this.lacks.has(ref.digest) || this.outstanding.has(ref.digest)) return false;
    return ref.kind === "node" || this.has(ref.index);
  }

  /** Whether it is known to have a leaf, or taken to have all. */
  has(index: number): boolean {
    return this.#haveMap === undefined || ((this.#haveMap[index >> 3] ?? 0) & (1 << (index & 7))) !== 0;
  }

  /** Blocks that it may be asked for now. */
  room(nowMs: number): number {
    if (!this.live || this.stalled || nowMs < this.leftAloneUntilMs) return 0;
    return this.window - this.outstanding.size;
  }

  ask(digest: string, nowMs: number): void {
    if (this.outstanding.size === 0) {
      this.lastProgressMs = nowMs;
      this.#lastArrivalMs = nowMs;
    }
    this.#firstRequestMs ??= nowMs;
    this.outstanding.set(digest, nowMs);
  }

  progress(nowMs: number): void {
    this.lastProgressMs = Math.max(this.lastProgressMs, nowMs);
    this.stalled = false;
  }

  /** Adapts the window to the rate at which blocks come. */
  arrival(bytes: number, nowMs: number): void {
    this.progress(nowMs);
    this.firstBlockMs ??= nowMs - (this.#firstRequestMs ?? nowMs);
    const sample = bytes / Math.max(0.05, nowMs - this.#lastArrivalMs);
    this.#lastArrivalMs = nowMs;
    this.#bytesPerMs = this.#bytesPerMs === 0 ? sample : 0.7 * this.#bytesPerMs + 0.3 * sample;
    const { windowMs, minWindow, maxWindow } = this.#options;
    const target = Math.ceil((this.#bytesPerMs * windowMs) / chunkSize);
    // One block up or down at a time: a single fast or slow sample must not swing it.
    this.window = Math.min(maxWindow, Math.max(minWindow, this.window + Math.sign(target - this.window)));
  }

  /** Milliseconds that it should need for one more block, as far as is known. */
  expectedMs(): number {
    return this.#bytesPerMs === 0 ? Number.POSITIVE_INFINITY : chunkSize / this.#bytesPerMs;
  }

  tally(): PeerTally {
    const { peerId, bytes, wastedBytes, firstBlockMs, end } = this;
    return { peerId, bytes, wastedBytes, firstBlockMs, end };
  }
}
