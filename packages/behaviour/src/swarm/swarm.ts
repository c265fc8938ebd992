import type { BlockRef } from "@ggen/p2p-types";

import { sortRarestFirst } from "./block-order.ts";
import { type BlockState, PeerState } from "./peer-state.ts";
import type { PeerEnd, PeerTally, Swarm, SwarmOptions, SwarmPlan } from "./types.ts";

const defaults: SwarmOptions = {
  // Several MiB in flight from the first moment: a content of a few chunks is one burst.
  initialWindow: 6,
  minWindow: 2,
  maxWindow: 16,
  maxOutstanding: 24,
  batch: 4,
  maxStoring: 8,
  windowMs: 250,
  stallMs: 3000,
  deadMs: 20_000,
  hedgeMs: 400,
  busyMs: 250,
  random: () => 0,
  ownId: "",
};

/**
 * Creates the scheduler of one download.
 * @param options - tuning; the defaults suit chunks of 1 MiB
 */
export function createSwarm(options: Partial<SwarmOptions> = {}): Swarm {
  return new Scheduler({ ...defaults, ...options });
}

class Scheduler implements Swarm {
  readonly #options: SwarmOptions;
  readonly #blocks = new Map<string, BlockState>();
  readonly #peers = new Map<string, PeerState>();
  /** Blocks that nobody owes, in the order in which they should be asked for. */
  #wanted: BlockState[] = [];
  #missing = 0;
  /** Copies that came and are being verified and stored. */
  #storing = 0;
  #isSpread = false;
  #isSorted = false;

  constructor(options: SwarmOptions) {
    this.#options = options;
  }

  get done(): boolean {
    return this.#missing === 0;
  }

  get busy(): boolean {
    return [...this.#peers.values()].some((peer) => peer.live && peer.outstanding.size > 0);
  }

  get livePeers(): number {
    return [...this.#peers.values()].filter((peer) => peer.live).length;
  }

  want(blocks: readonly BlockRef[]): void {
    for (const ref of blocks) {
      if (this.#blocks.has(ref.digest)) continue;
      const order = this.#options.random();
      const block: BlockState = { ref, askedOf: new Set(), arrived: 0, stored: false, order };
      this.#blocks.set(ref.digest, block);
      this.#wanted.push(block);
      this.#missing += 1;
      this.#isSorted = false;
    }
  }

  join(peerId: string, nowMs: number): boolean {
    const known = this.#peers.get(peerId);
    if (known === undefined) {
      const peer = new PeerState(peerId, this.#options, nowMs);
      if (this.#isSpread) peer.window = this.#options.minWindow;
      this.#peers.set(peerId, peer);
    } else if (known.end === "lied" || known.end === "protocol") return false;
    else if (!known.live) known.rejoin(nowMs);
    return true;
  }

  setHave(peerId: string, haveMap: Uint8Array, isWhole = false): void {
    const peer = this.#peers.get(peerId);
    if (peer !== undefined) peer.setHave(haveMap, isWhole);
    this.#isSorted = false;
  }

  spread(): void {
    if (this.#isSpread) return;
    this.#isSpread = true;
    // What to ask for is better decided late, when it is known what the others have got meanwhile.
    for (const peer of this.#peers.values()) peer.window = Math.min(peer.window, this.#options.minWindow);
  }

  onProgress(peerId: string, nowMs: number): void {
    this.#peers.get(peerId)?.progress(nowMs);
  }

  onArrival(peerId: string, digest: string, bytes: number, nowMs: number): void {
    const peer = this.#peers.get(peerId);
    const block = this.#blocks.get(digest);
    if (peer === undefined || block === undefined) return;
    peer.outstanding.delete(digest);
    block.askedOf.delete(peerId);
    block.arrived += 1;
    this.#storing += 1;
    peer.arrival(bytes, nowMs);
    this.#unlist(block);
  }

  onStored(peerId: string, digest: string): boolean {
    const peer = this.#peers.get(peerId);
    const block = this.#blocks.get(digest);
    if (peer === undefined || block === undefined) return false;
    this.#settle(block);
    if (block.stored) {
      peer.wastedBytes += block.ref.size;
      return false;
    }
    block.stored = true;
    this.#missing -= 1;
    this.#unlist(block);
    if (block.ref.kind === "leaf") peer.bytes += block.ref.size;
    return true;
  }

  onMissing(peerId: string, digest: string): void {
    this.#peers.get(peerId)?.lacks.add(digest);
    this.#takeBack(peerId, digest);
  }

  onBusy(peerId: string, digests: readonly string[], nowMs: number): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    peer.progress(nowMs);
    peer.leftAloneUntilMs = nowMs + this.#options.busyMs;
    peer.window = this.#options.minWindow;
    for (const digest of digests) this.#takeBack(peerId, digest);
  }

  onWrong(peerId: string, digest: string, reason: "lied" | "spoilt"): void {
    const block = this.#blocks.get(digest);
    if (block !== undefined) this.#settle(block);
    this.onEnd(peerId, reason);
  }

  onEnd(peerId: string, reason: PeerEnd): void {
    const peer = this.#peers.get(peerId);
    if (peer === undefined) return;
    peer.end ??= reason;
    for (const digest of peer.outstanding.keys()) this.#takeBack(peerId, digest);
    this.#relist();
  }

  plan(nowMs: number): SwarmPlan {
    const drops = this.#findStalls(nowMs);
    const requests = new Map<string, BlockRef[]>();
    const ask = (peer: PeerState, block: BlockState): void => {
      peer.ask(block.ref.digest, nowMs);
      block.askedOf.add(peer.peerId);
      const blocks = requests.get(peer.peerId);
      if (blocks === undefined) requests.set(peer.peerId, [block.ref]);
      else blocks.push(block.ref);
    };
    // The fastest first, one block each in turn, so that the last blocks do not all go to one peer.
    const peers = [...this.#peers.values()].toSorted((a, b) => a.expectedMs() - b.expectedMs());
    if (this.#isSpread && !this.#isSorted) {
      sortRarestFirst(this.#wanted, [...this.#peers.values()], this.#options.ownId);
      this.#isSorted = true;
    }
    if (this.#storing >= this.#options.maxStoring) {
      return { requests: [], drops, wakeAtMs: this.#wakeAt(nowMs, Number.POSITIVE_INFINITY) };
    }
    let outstanding = peers.reduce((sum, peer) => sum + (peer.stalled ? 0 : peer.outstanding.size), 0);
    const free = this.#options.maxOutstanding - outstanding;
    const share = this.#options.maxOutstanding / Math.max(1, this.livePeers);
    const open = peers.filter((peer) => this.#isWorthAsking(peer, { free, share, nowMs }));
    for (let progress = true; progress && this.#wanted.length > 0;) {
      progress = false;
      for (const peer of open) {
        const isFull = outstanding >= this.#options.maxOutstanding;
        if (peer.room(nowMs) <= 0 || (isFull && peer.outstanding.size >= this.#options.minWindow)) continue;
        const at = this.#wanted.findIndex((block) => peer.mayHave(block.ref));
        const block = this.#wanted[at];
        if (block === undefined) continue;
        this.#wanted.splice(at, 1);
        ask(peer, block);
        outstanding += 1;
        progress = true;
      }
    }
    const hedgeAtMs = this.#hedge(peers, nowMs, ask);
    return {
      requests: [...requests].map(([peerId, blocks]) => ({ peerId, blocks })),
      drops,
      wakeAtMs: this.#wakeAt(nowMs, hedgeAtMs),
    };
  }

  /** A copy that came was stored, or was not what it should be. */
  #settle(block: BlockState): void {
    if (block.arrived === 0) return;
    block.arrived -= 1;
    this.#storing -= 1;
  }

  /** Several blocks are asked for at once: a request costs both sides as much for one as for many. */
  #isWorthAsking(peer: PeerState, at: { free: number; share: number; nowMs: number }): boolean {
    const few = Math.max(this.#options.minWindow, Math.min(peer.window, at.share) / 2);
    if (peer.outstanding.size < few || this.#isSpread) return true;
    return Math.min(at.free, peer.room(at.nowMs)) >= Math.min(this.#options.batch, peer.window / 4);
  }

  tallies(): PeerTally[] {
    return [...this.#peers.values()].map((peer) => peer.tally());
  }

  /** In the endgame: asks a second peer for blocks that the first has had for long. @returns when to look again */
  #hedge(peers: readonly PeerState[], nowMs: number, ask: (peer: PeerState, block: BlockState) => void): number {
    let lookAgainMs = Number.POSITIVE_INFINITY;
    if (this.#wanted.length > 0) return lookAgainMs;
    for (const peer of peers) {
      for (const block of this.#blocks.values()) {
        if (block.stored || block.arrived > 0 || block.askedOf.size !== 1) continue;
        if (peer.room(nowMs) <= 0 || !peer.mayHave(block.ref)) continue;
        const [owner = ""] = block.askedOf;
        const askedAtMs = this.#peers.get(owner)?.outstanding.get(block.ref.digest) ?? nowMs;
        const known = Number.isFinite(peer.expectedMs()) ? 3 * peer.expectedMs() : 0;
        const dueMs = askedAtMs + Math.max(this.#options.hedgeMs, known);
        if (dueMs <= nowMs) ask(peer, block);
        else lookAgainMs = Math.min(lookAgainMs, dueMs);
      }
    }
    return lookAgainMs;
  }

  #findStalls(nowMs: number): { peerId: string; reason: PeerEnd }[] {
    const drops: { peerId: string; reason: PeerEnd }[] = [];
    const others = this.livePeers > 1;
    for (const peer of this.#peers.values()) {
      if (!peer.live || peer.outstanding.size === 0) continue;
      const silentMs = nowMs - peer.lastProgressMs;
      if (silentMs >= this.#options.deadMs) {
        drops.push({ peerId: peer.peerId, reason: "stalled" });
        this.onEnd(peer.peerId, "stalled");
      } else if (silentMs >= this.#options.stallMs && others && !peer.stalled) {
        peer.stalled = true;
        peer.window = this.#options.minWindow;
        // It still owes them, and they are welcome when they come; but others are asked now.
        for (const digest of peer.outstanding.keys()) this.#blocks.get(digest)?.askedOf.delete(peer.peerId);
        this.#relist();
      }
    }
    return drops;
  }

  #wakeAt(nowMs: number, hedgeAtMs: number): number | undefined {
    let wakeAtMs = hedgeAtMs;
    for (const peer of this.#peers.values()) {
      if (!peer.live) continue;
      if (peer.outstanding.size > 0) {
        const waitMs = peer.stalled || this.livePeers === 1 ? this.#options.deadMs : this.#options.stallMs;
        wakeAtMs = Math.min(wakeAtMs, peer.lastProgressMs + waitMs);
      }
      if (this.#wanted.length > 0 && peer.leftAloneUntilMs > nowMs)
        wakeAtMs = Math.min(wakeAtMs, peer.leftAloneUntilMs);
    }
    return Number.isFinite(wakeAtMs) ? wakeAtMs : undefined;
  }

  #takeBack(peerId: string, digest: string): void {
    this.#peers.get(peerId)?.outstanding.delete(digest);
    const block = this.#blocks.get(digest);
    if (block === undefined) return;
    block.askedOf.delete(peerId);
    this.#relist();
  }

  #unlist(block: BlockState): void {
    const at = this.#wanted.indexOf(block);
    if (at !== -1) this.#wanted.splice(at, 1);
  }

  /** Everything that nobody owes is wanted again, in its first order. */
  #relist(): void {
    this.#isSorted = false;
    this.#wanted = [...this.#blocks.values()].filter(
      (block) => !block.stored && block.arrived === 0 && block.askedOf.size === 0,
    );
  }
}
