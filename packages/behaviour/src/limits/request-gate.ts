import { type RateLimit, RateLimiter } from "./rate-limiter.ts";

/** Bounds how many requests of one protocol are answered at once, and how many a peer may make. */
export interface RequestGate {
  readonly rate: RateLimiter;
  /** Takes a place for a peer. @returns gives it back; undefined when none is free */
  enter(peerId: string): (() => void) | undefined;
}

/**
 * Creates the gate of a protocol.
 * @param rate - per peer
 * @param maxActive - requests answered at once over all peers; a quarter of them for any one peer
 */
export function createRequestGate(rate: RateLimit, maxActive: number): RequestGate {
  const maxPerPeer = Math.max(1, Math.floor(maxActive / 4));
  const perPeer = new Map<string, number>();
  let active = 0;
  return {
    rate: new RateLimiter(rate),
    enter(peerId) {
      const own = perPeer.get(peerId) ?? 0;
      if (active >= maxActive || own >= maxPerPeer) return undefined;
      active += 1;
      perPeer.set(peerId, own + 1);
      let left = false;
      return () => {
        if (left) return;
        left = true;
        active -= 1;
        const rest = (perPeer.get(peerId) ?? 1) - 1;
        if (rest === 0) perPeer.delete(peerId);
        else perPeer.set(peerId, rest);
      };
    },
  };
}
