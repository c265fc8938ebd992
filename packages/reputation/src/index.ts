/**
 * What this node thinks of its peers: first-hand evidence, the score over it, the distance between places, and the
 * choice of peers. Pure: time and randomness are passed in.
 *
 * @packageDocumentation
 */
export { distanceKm, geoBonus } from "./distance.ts";
export { emptyEvidence, plainSuccessRate, recordFailure, recordLie, recordSuccess, recordUptime } from "./evidence.ts";
export { failuresPerLie, halfScoreMs, recencyHalfLifeMs, scorePeer, weights, wilsonLowerBound } from "./score.ts";
export { rankProviders, selectPeers, type SelectPeersParams } from "./select.ts";
