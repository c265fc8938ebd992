import { emptyEvidence, recordFailure, recordLie, recordSuccess, recordUptime, scorePeer } from "@ggen/p2p-reputation";
import type { Clock, GeoLocation, PeerEvidence, PeerReputation } from "@ggen/p2p-types";

/** First-hand evidence about peers, kept over restarts. */
export interface EvidenceBook {
  success(peerId: string, facts: { readonly ms: number; readonly bytes: number }): void;
  failure(peerId: string, reason: string): void;
  lie(peerId: string, reason: string): void;
  /** Notes that a peer was seen connected, or found unreachable, for a while. @param seconds - 0 or more */
  uptime(peerId: string, up: boolean, seconds: number): void;
  of(peerId: string): PeerEvidence;
  /** @param location - where the peer says it is */
  reputation(peerId: string, location?: GeoLocation): PeerReputation;
  peers(): readonly string[];
  setOwnLocation(location: GeoLocation | undefined): void;
  /** As JSON text, for the catalogue's metadata. */
  serialize(): string;
}

const maxPeers = 5_000;

/**
 * @param saved - what {@link EvidenceBook.serialize} gave earlier; anything else is an empty book
 */
export function createEvidenceBook(clock: Clock, saved: string | undefined, ownLocation?: GeoLocation): EvidenceBook {
  const book = new Map<string, PeerEvidence>(parse(saved));
  let here = ownLocation;
  const change = (peerId: string, step: (evidence: PeerEvidence) => PeerEvidence): void => {
    const next = step(book.get(peerId) ?? emptyEvidence);
    // Least recently changed first, so that the bound drops those that were longest without news.
    book.delete(peerId);
    book.set(peerId, next);
    if (book.size > maxPeers) book.delete(book.keys().next().value ?? peerId);
  };
  const of = (peerId: string): PeerEvidence => book.get(peerId) ?? emptyEvidence;
  return {
    success: (peerId, facts) =>
      change(peerId, (evidence) =>
        recordSuccess(evidence, { responseTimeMs: facts.ms, bytes: facts.bytes, nowMs: clock.now() }),
      ),
    failure: (peerId) => change(peerId, (evidence) => recordFailure(evidence)),
    lie: (peerId) => change(peerId, (evidence) => recordLie(evidence)),
    uptime: (peerId, up, seconds) =>
      change(peerId, (evidence) => recordUptime(evidence, { upSeconds: up ? seconds : 0, observedSeconds: seconds })),
    of,
    reputation: (peerId, location) =>
      scorePeer({
        peerId,
        evidence: of(peerId),
        nowMs: clock.now(),
        ...(location === undefined ? {} : { location }),
        ...(here === undefined ? {} : { ownLocation: here }),
      }),
    peers: () => [...book.keys()],
    setOwnLocation(location) {
      here = location;
    },
    serialize: () => JSON.stringify([...book]),
  };
}

function parse(saved: string | undefined): [string, PeerEvidence][] {
  if (saved === undefined) return [];
  try {
    const value: unknown = JSON.parse(saved);
    if (!Array.isArray(value)) return [];
    return value.filter(
      (entry): entry is [string, PeerEvidence] =>
        Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1]?.successes === "number",
    );
  } catch {
    return [];
  }
}
