import type { Clock } from "@ggen/p2p-types";

/** Keeps a flow of bytes under a rate by delaying it. */
export interface BandwidthCap {
  /** Largest piece that should flow at once: a capped flow is cut small so that it never looks stalled. */
  readonly sliceBytes: number;
  /** Counts bytes. @returns milliseconds to wait before they may flow (or before the next may): 0 for none */
  reserve(bytes: number): number;
}

/** Caps for a node as a whole and for each of its peers. */
export interface BandwidthCaps {
  /** Of all peers together. */
  readonly node: BandwidthCap;
  /** What is counted for a peer: against its own cap and the node's. */
  of(peerId: string): BandwidthCap;
}

/** What may flow at once after a rest, in milliseconds of the rate: little, so that the rate holds over seconds too. */
const burstMs = 250;
const sliceBytes = 16 * 1024;
/** Peers whose flow is remembered; who is forgotten gets at most a burst too much. */
const maxPeers = 1024;

const uncapped: BandwidthCap = { sliceBytes: Number.POSITIVE_INFINITY, reserve: () => 0 };

/**
 * A cap on bytes per second, with a burst of a quarter of a second.
 * @param clock - measures the time
 * @param kilobytesPerSecond - 0 for no cap
 */
export function createBandwidthCap(clock: Clock, kilobytesPerSecond: number): BandwidthCap {
  if (kilobytesPerSecond === 0) return uncapped;
  let freeAtMs = clock.monotonic() - burstMs;
  return {
    sliceBytes,
    reserve(bytes) {
      const now = clock.monotonic();
      const start = Math.max(freeAtMs, now - burstMs);
      freeAtMs = start + bytes / kilobytesPerSecond;
      return Math.max(0, start - now);
    },
  };
}

/**
 * Caps for a node and for each peer.
 * @param nodeKbps - KB/s over all peers, 0 for no cap
 * @param peerKbps - KB/s of each peer, 0 for no cap
 */
export function createBandwidthCaps(clock: Clock, nodeKbps: number, peerKbps: number): BandwidthCaps {
  const node = createBandwidthCap(clock, nodeKbps);
  if (peerKbps === 0) return { node, of: () => node };
  const peers = new Map<string, BandwidthCap>();
  const capOf = (peerId: string): BandwidthCap => {
    const cap = peers.get(peerId) ?? createBandwidthCap(clock, peerKbps);
    // The last in the map is the last that was used.
    peers.delete(peerId);
    peers.set(peerId, cap);
    const [oldest] = peers.keys();
    if (peers.size > maxPeers && oldest !== undefined) peers.delete(oldest);
    return cap;
  };
  return {
    node,
    of: (peerId) => ({
      sliceBytes,
      reserve: (bytes) => Math.max(node.reserve(bytes), capOf(peerId).reserve(bytes)),
    }),
  };
}
