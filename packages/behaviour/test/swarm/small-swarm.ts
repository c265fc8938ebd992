import { createSwarm, type Swarm, type SwarmOptions, type SwarmPlan } from "../../src/index.ts";
import { leaves } from "./simulator.ts";

/** Bytes of a block here. */
export const mebibyte: number = 1024 * 1024;

/** The digest of a block, by its place in the content. */
export function digestOf(index: number): string {
  return leaves(index + 1)[index]?.digest ?? "";
}

/** Who is asked for which blocks, by their places in the content. */
export function asked({ requests }: SwarmPlan): Record<string, number[]> {
  return Object.fromEntries(requests.map(({ peerId, blocks }) => [peerId, blocks.map(({ index }) => index)]));
}

/** A download of so many blocks with peers that are there from the start. */
export function begin(count: number, peers: readonly string[], options: Partial<SwarmOptions> = {}): Swarm {
  const swarm = createSwarm(options);
  swarm.want(leaves(count));
  for (const peer of peers) swarm.join(peer, 0);
  return swarm;
}

/** A block comes and is right. */
export function give(swarm: Swarm, peer: string, index: number, nowMs: number): void {
  swarm.onArrival(peer, digestOf(index), mebibyte, nowMs);
  swarm.onStored(peer, digestOf(index));
}
