import { type BlockRef, chunkSize } from "@ggen/p2p-types";

import { createSwarm, type Swarm, type SwarmOptions } from "../../src/index.ts";

/** A peer of the simulator. */
export interface SimulatedPeer {
  readonly peerId: string;
  /** Milliseconds per block; the blocks of a peer come one after the other. */
  readonly blockMs: number;
  /** Joins at this time. */
  readonly joinsAtMs?: number;
  /** Gives wrong bytes from this block of its on. */
  readonly liesFrom?: number;
  /** Sends nothing more after so many blocks. */
  readonly stallsAfter?: number;
  /** Leaves after so many blocks. */
  readonly leavesAfter?: number;
  /** Has only the leaves for which this is true. */
  readonly has?: (index: number) => boolean;
  /** Answers busy to its first requests. */
  readonly busyTimes?: number;
}

/** How a simulated download went. */
export interface SimulationResult {
  readonly done: boolean;
  readonly endMs: number;
  /** Blocks that each peer delivered, wasted ones and lies included. */
  readonly delivered: ReadonlyMap<string, number>;
  readonly lies: number;
  readonly swarm: Swarm;
}

/** The blocks of a content of so many chunks. */
export function leaves(count: number): BlockRef[] {
  return Array.from({ length: count }, (_, index) => ({
    digest: index.toString(16).padStart(64, "0"),
    kind: "leaf" as const,
    size: chunkSize,
    index,
  }));
}

interface Happening {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Runs a download in virtual time. */
export function simulate(
  blocks: readonly BlockRef[],
  peers: readonly SimulatedPeer[],
  options: Partial<SwarmOptions> = {},
): SimulationResult {
  const swarm = createSwarm(options);
  const delivered = new Map<string, number>();
  const queue: Happening[] = [];
  const freeAt = new Map<string, number>();
  const busyLeft = new Map(peers.map((peer) => [peer.peerId, peer.busyTimes ?? 0]));
  const gone = new Set<string>();
  let nowMs = 0;
  let order = 0;
  let lies = 0;

  const at = (atMs: number, run: () => void): void => {
    order += 1;
    queue.push({ atMs, order, run });
  };
  const deliver = (peer: SimulatedPeer, block: BlockRef): void => {
    if (gone.has(peer.peerId)) return;
    const count = delivered.get(peer.peerId) ?? 0;
    if (peer.stallsAfter !== undefined && count >= peer.stallsAfter) return;
    if (peer.leavesAfter !== undefined && count >= peer.leavesAfter) {
      gone.add(peer.peerId);
      swarm.onEnd(peer.peerId, "gone");
      return;
    }
    if (peer.has?.(block.index) === false) {
      swarm.onMissing(peer.peerId, block.digest);
      return;
    }
    delivered.set(peer.peerId, count + 1);
    swarm.onArrival(peer.peerId, block.digest, block.size, nowMs);
    if (peer.liesFrom !== undefined && count >= peer.liesFrom) {
      lies += 1;
      gone.add(peer.peerId);
      swarm.onWrong(peer.peerId, block.digest, "lied");
    } else {
      swarm.onStored(peer.peerId, block.digest);
    }
  };
  const request = (peer: SimulatedPeer, asked: readonly BlockRef[]): void => {
    const busy = busyLeft.get(peer.peerId) ?? 0;
    if (busy > 0) {
      busyLeft.set(peer.peerId, busy - 1);
      at(nowMs + 1, () => {
        swarm.onBusy(
          peer.peerId,
          asked.map(({ digest }) => digest),
          nowMs,
        );
      });
      return;
    }
    for (const block of asked) {
      const readyMs = Math.max(nowMs, freeAt.get(peer.peerId) ?? 0) + peer.blockMs;
      freeAt.set(peer.peerId, readyMs);
      at(readyMs, () => deliver(peer, block));
    }
  };

  swarm.want(blocks);
  for (const peer of peers) at(peer.joinsAtMs ?? 0, () => void swarm.join(peer.peerId, nowMs));
  for (let steps = 0; steps < 100_000 && !swarm.done; steps += 1) {
    const { requests, drops, wakeAtMs } = swarm.plan(nowMs);
    for (const { peerId } of drops) gone.add(peerId);
    for (const { peerId, blocks: asked } of requests) {
      const peer = peers.find((candidate) => candidate.peerId === peerId);
      if (peer !== undefined) request(peer, asked);
    }
    queue.sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const [next] = queue;
    if (next !== undefined && (wakeAtMs === undefined || next.atMs <= wakeAtMs)) {
      queue.shift();
      nowMs = next.atMs;
      next.run();
    } else if (wakeAtMs === undefined) {
      break;
    } else {
      nowMs = Math.max(nowMs + 1, wakeAtMs);
    }
  }
  return { done: swarm.done, endMs: nowMs, delivered, lies, swarm };
}
