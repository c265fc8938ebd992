import type { BlockRef } from "@ggen/p2p-types";

/** Tuning of the scheduler; times in milliseconds. */
export interface SwarmOptions {
  /** Blocks outstanding at a peer of unknown speed. */
  readonly initialWindow: number;
  readonly minWindow: number;
  readonly maxWindow: number;
  /** Blocks outstanding over all peers, beyond which each has its smallest window: more would only come out of order. */
  readonly maxOutstanding: number;
  /** Blocks that a peer which owes enough is asked for at once, when its window is large. */
  readonly batch: number;
  /** Blocks that came and are not stored yet, from which on no more are asked for: the disk is slower than the peers. */
  readonly maxStoring: number;
  /** A window holds what a peer gives in this time. */
  readonly windowMs: number;
  /** A peer that sent nothing for this long while something is outstanding has stalled: others take over. */
  readonly stallMs: number;
  /** A peer that sent nothing for this long is given up. */
  readonly deadMs: number;
  /** In the endgame a block is asked of a second peer when the first has had it this long. */
  readonly hedgeMs: number;
  /** How long a busy peer is left alone. */
  readonly busyMs: number;
  /**
   * Numbers in [0, 1). Decide which of equally rare blocks is asked for first once somebody has only a part, when
   * nothing else does.
   */
  readonly random: () => number;
  /** This node's peer id: those who fetch the same divide its blocks among them by it. */
  readonly ownId: string;
}

/** Why a peer takes no further part in a download. */
export type PeerEnd = "lied" | "spoilt" | "gone" | "stalled" | "refused" | "missing" | "protocol";

/** What the scheduler wants done. */
export interface SwarmPlan {
  /** Ask these peers for these blocks. */
  readonly requests: readonly { readonly peerId: string; readonly blocks: readonly BlockRef[] }[];
  /** Give these peers up. */
  readonly drops: readonly { readonly peerId: string; readonly reason: PeerEnd }[];
  /** Ask again at this time though nothing happens; undefined when only an event can change anything. */
  readonly wakeAtMs: number | undefined;
}

/** What one peer contributed. */
export interface PeerTally {
  readonly peerId: string;
  /** Verified bytes that were new. */
  readonly bytes: number;
  /** Bytes that came although another peer had already given them. */
  readonly wastedBytes: number;
  /** Milliseconds from the first request to the first block; undefined when none came. */
  readonly firstBlockMs: number | undefined;
  /** Why it was given up; undefined when it was not. */
  readonly end: PeerEnd | undefined;
}

/**
 * The scheduler of a download: which block is asked of whom. Pure: times come in, requests go out as data, so the
 * same code runs in the node and in a simulator.
 */
export interface Swarm {
  /** Adds blocks to fetch; known ones are ignored. */
  want(blocks: readonly BlockRef[]): void;
  /** A peer can be asked. It may have been given up before; a liar stays out. @returns whether it takes part */
  join(peerId: string, nowMs: number): boolean;
  /**
   * What a peer has: one bit per chunk, least significant first. Without this it is taken to have all.
   * @param isWhole - whether that is everything; not, when absent
   */
  setHave(peerId: string, haveMap: Uint8Array, isWhole?: boolean): void;
  /** Somebody has only a part, or nothing yet: whoever else is fetching this may do with other blocks than we do. */
  spread(): void;
  /** Bytes of some block came from a peer. */
  onProgress(peerId: string, nowMs: number): void;
  /** A block came and is being verified: it no longer fills the peer's window. */
  onArrival(peerId: string, digest: string, bytes: number, nowMs: number): void;
  /** A block was verified and stored. @returns false when it was already here */
  onStored(peerId: string, digest: string): boolean;
  /** A peer does not have a block. */
  onMissing(peerId: string, digest: string): void;
  /** A peer asks to be left alone for a while; the blocks are asked elsewhere. */
  onBusy(peerId: string, digests: readonly string[], nowMs: number): void;
  /** A block that came was not what its digest says: the peer is out, a liar for good, and the block asked elsewhere. */
  onWrong(peerId: string, digest: string, reason: "lied" | "spoilt"): void;
  /** A peer takes no further part: its blocks are asked elsewhere. */
  onEnd(peerId: string, reason: PeerEnd): void;
  /** What to do now. */
  plan(nowMs: number): SwarmPlan;
  /** Whether anybody owes anything. */
  readonly busy: boolean;
  /** Whether every wanted block is stored. */
  readonly done: boolean;
  /** Peers that may still give something. */
  readonly livePeers: number;
  tallies(): PeerTally[];
}
