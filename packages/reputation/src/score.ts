import type { GeoLocation, PeerEvidence, PeerReputation } from "@ggen/p2p-types";

import { distanceKm, geoBonus } from "./distance.ts";
import { atLeastZero } from "./evidence.ts";

/** What each factor is worth; together 1. These are promised to users. */
export const weights = { successRate: 0.5, responseTime: 0.25, availability: 0.15, recency: 0.1 } as const;

/** How many failures one lie counts as: a wrong answer costs its reader more than none, and is never an accident of the network. */
export const failuresPerLie = 10;
/** The response time that scores one half. */
export const halfScoreMs = 250;
/** After this long without an answer recency is halved. */
export const recencyHalfLifeMs: number = 24 * 60 * 60 * 1000;

/** Two-sided 95 % of the normal distribution. */
const confidence = 1.96;

/**
 * The lower end of Wilson's interval: how good a peer is at least, considering how little is known.
 * @param successes - 0 or more
 * @param trials - at least `successes`
 * @returns 0-1; 0 when nothing was tried
 * @see Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", 1927
 */
export function wilsonLowerBound(successes: number, trials: number): number {
  if (!(trials > 0) || !(successes > 0)) return 0;
  const share = Math.min(1, successes / trials);
  const z2 = confidence ** 2;
  const spread = confidence * Math.sqrt((share * (1 - share)) / trials + z2 / (4 * trials ** 2));
  return Math.max(0, (share + z2 / (2 * trials) - spread) / (1 + z2 / trials));
}

/**
 * Scores a peer from this node's own evidence. A peer that never gave a right answer has 0 in every factor and no
 * bonus, so that a fresh identity never outranks a proven peer, wherever it claims to be.
 * @param params - `nowMs` since 1970; `location` as the peer claims it; `ownLocation` when this node has one
 * @returns the score, 0-1, with its factors and counts
 */
export function scorePeer(params: {
  readonly peerId: string;
  readonly evidence: PeerEvidence;
  readonly nowMs: number;
  readonly location?: GeoLocation;
  readonly ownLocation?: GeoLocation;
}): PeerReputation {
  const { peerId, evidence, nowMs, location, ownLocation } = params;
  const km = location === undefined || ownLocation === undefined ? undefined : distanceKm(location, ownLocation);
  const distance = km === undefined || !Number.isFinite(km) ? {} : { distanceKm: km };
  const successes = atLeastZero(evidence.successes);
  if (successes === 0) {
    const nothing = { successRate: 0, responseTimeScore: 0, availabilityScore: 0, recencyScore: 0, geoBonus: 0 };
    return { peerId, score: 0, ...nothing, ...distance, evidence };
  }
  const trials = successes + atLeastZero(evidence.failures) + failuresPerLie * atLeastZero(evidence.lies);
  const successRate = wilsonLowerBound(successes, trials);
  // A request that was not answered rightly had no speed: else a peer that fails fast would be paid for being fast.
  const responseTimeScore = (successes / trials) * speedScore(evidence.responseTimeMs);
  const availabilityScore = uptimeShare(evidence);
  const recencyScore = recency(evidence.lastSeen, nowMs);
  const bonus = geoBonus(km ?? Infinity);
  const sum =
    weights.successRate * successRate +
    weights.responseTime * responseTimeScore +
    weights.availability * availabilityScore +
    weights.recency * recencyScore +
    bonus;
  const score = Math.min(1, sum);
  return {
    peerId,
    score,
    successRate,
    responseTimeScore,
    availabilityScore,
    recencyScore,
    geoBonus: bonus,
    ...distance,
    evidence,
  };
}

function speedScore(responseTimeMs: number | undefined): number {
  if (responseTimeMs === undefined || !(responseTimeMs >= 0)) return 0;
  return halfScoreMs / (halfScoreMs + responseTimeMs);
}

function uptimeShare({ upSeconds, observedSeconds }: PeerEvidence): number {
  const observed = atLeastZero(observedSeconds);
  return observed === 0 ? 0 : Math.min(1, atLeastZero(upSeconds) / observed);
}

function recency(lastSeen: number | undefined, nowMs: number): number {
  if (lastSeen === undefined || !Number.isFinite(lastSeen)) return 0;
  return 2 ** (-Math.max(0, nowMs - lastSeen) / recencyHalfLifeMs);
}
