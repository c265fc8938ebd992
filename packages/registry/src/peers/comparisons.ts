import type { Clock } from "@ggen/p2p-types";

/** With whom the catalogue was compared since the node was started. */
export interface Comparisons {
  /** A comparison with a peer has ended well. */
  note(peerId: string): void;
  /** Different peers, up to a thousand. */
  readonly peers: number;
  /** Seconds since the last one ended; undefined before the first. */
  secondsSinceLast(): number | undefined;
  /** The node was started or stopped. */
  reset(): void;
}

const maxPeers = 1000;

/** @param clock - measures how long ago */
export function createComparisons(clock: Clock): Comparisons {
  const peers = new Set<string>();
  let lastMs: number | undefined;
  return {
    note(peerId) {
      lastMs = clock.monotonic();
      if (peers.size < maxPeers) peers.add(peerId);
    },
    get peers() {
      return peers.size;
    },
    secondsSinceLast: () => (lastMs === undefined ? undefined : Math.floor((clock.monotonic() - lastMs) / 1000)),
    reset() {
      peers.clear();
      lastMs = undefined;
    },
  };
}
