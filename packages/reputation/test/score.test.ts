import type { PeerEvidence } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  emptyEvidence,
  failuresPerLie,
  halfScoreMs,
  recencyHalfLifeMs,
  scorePeer,
  weights,
  wilsonLowerBound,
} from "../src/index.ts";

const nowMs = 1_700_000_000_000;
const here = { latitude: 37.7749, longitude: -122.4194 };
const good: PeerEvidence = {
  successes: 200,
  failures: 0,
  lies: 0,
  responseTimeMs: 50,
  upSeconds: 3600,
  observedSeconds: 3600,
  lastSeen: nowMs,
  bytes: 1,
};
const score = (evidence: PeerEvidence): number => scorePeer({ peerId: "p", evidence, nowMs }).score;

const count = fc.nat({ max: 100_000 });
const anyEvidence: fc.Arbitrary<PeerEvidence> = fc
  .record({
    successes: count,
    failures: count,
    lies: count,
    responseTimeMs: fc.double({ min: 0, max: 1e6, noNaN: true }),
    upSeconds: count,
    more: count,
    lastSeen: fc.integer({ min: nowMs - 1e10, max: nowMs + 1e9 }),
    bytes: count,
  })
  .map(({ more, ...rest }) => Object.assign(rest, { observedSeconds: rest.upSeconds + more }));

describe("scorePeer", () => {
  it("gives an unknown peer 0 in every factor, also when it claims to be near", () => {
    expect(scorePeer({ peerId: "p", evidence: emptyEvidence, nowMs, location: here, ownLocation: here })).toEqual({
      peerId: "p",
      score: 0,
      successRate: 0,
      responseTimeScore: 0,
      availabilityScore: 0,
      recencyScore: 0,
      geoBonus: 0,
      distanceKm: 0,
      evidence: emptyEvidence,
    });
  });

  it("gives 0 to a peer that failed ten of ten, however long it was up", () => {
    expect(score({ ...good, successes: 0, failures: 10 })).toBe(0);
  });

  it("is the promised sum of its factors", () => {
    const location = { latitude: 37.8, longitude: -122.5 };
    const result = scorePeer({ peerId: "p", evidence: { ...good, failures: 30 }, nowMs, location, ownLocation: here });
    const sum =
      0.5 * result.successRate +
      0.25 * result.responseTimeScore +
      0.15 * result.availabilityScore +
      0.1 * result.recencyScore +
      0.1 * (1 - (result.distanceKm ?? 0) / 100);
    expect(result.score).toBeCloseTo(sum, 12);
    expect(weights).toEqual({ successRate: 0.5, responseTime: 0.25, availability: 0.15, recency: 0.1 });
    expect(result.distanceKm).toBeCloseTo(7.62, 1);
  });

  it("is clamped to 1", () => {
    const perfect = { ...good, successes: 1e9, responseTimeMs: 0 };
    expect(scorePeer({ peerId: "p", evidence: perfect, nowMs, location: here, ownLocation: here }).score).toBe(1);
  });

  it("tells response times below a second apart", () => {
    const scores = [10, 50, 200, 500, 900].map(
      (ms) => scorePeer({ peerId: "p", evidence: { ...good, responseTimeMs: ms }, nowMs }).responseTimeScore,
    );
    for (const [index, value] of scores.entries()) expect(value - (scores[index + 1] ?? 0)).toBeGreaterThan(0.05);
    expect(
      scorePeer({ peerId: "p", evidence: { ...good, responseTimeMs: halfScoreMs }, nowMs }).responseTimeScore,
    ).toBe(0.5);
  });

  it("lets recency decay smoothly, by half a day's length, and takes a clock that ran ahead as now", () => {
    const recency = (lastSeen: number): number =>
      scorePeer({ peerId: "p", evidence: { ...good, lastSeen }, nowMs }).recencyScore;
    expect(recency(nowMs)).toBe(1);
    expect(recency(nowMs - recencyHalfLifeMs)).toBeCloseTo(0.5);
    expect(recency(nowMs - 2 * recencyHalfLifeMs)).toBeCloseTo(0.25);
    expect(recency(nowMs + 60_000)).toBe(1);
  });

  it("is observed uptime in availability", () => {
    expect(scorePeer({ peerId: "p", evidence: { ...good, upSeconds: 900 }, nowMs }).availabilityScore).toBe(0.25);
  });

  it("punishes a lie like several failures", () => {
    expect(score({ ...good, lies: 1 })).toBeCloseTo(score({ ...good, failures: failuresPerLie }), 12);
    expect(score({ ...good, lies: 1 })).toBeLessThan(score({ ...good, failures: 1 }));
  });

  it("does not pay a peer for failing fast", () => {
    expect(score({ ...good, successes: 1, failures: 50, responseTimeMs: 1 })).toBeLessThan(0.3);
  });

  it("stays within 0 and 1 and shows the counts, whatever the evidence", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const result = scorePeer({ peerId: "p", evidence, nowMs, location: here, ownLocation: here });
        expect(result.evidence).toBe(evidence);
        for (const part of [
          result.score,
          result.successRate,
          result.responseTimeScore,
          result.availabilityScore,
          result.recencyScore,
        ]) {
          expect(part).toBeGreaterThanOrEqual(0);
          expect(part).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("never rises with another failure or lie, never falls with another success", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        const before = score(evidence);
        expect(score({ ...evidence, failures: evidence.failures + 1 })).toBeLessThanOrEqual(before);
        expect(score({ ...evidence, lies: evidence.lies + 1 })).toBeLessThanOrEqual(before);
        expect(score({ ...evidence, successes: evidence.successes + 1 })).toBeGreaterThanOrEqual(before - 1e-12);
      }),
    );
  });

  it("never lets an unknown peer outrank a proven one", () => {
    fc.assert(
      fc.property(anyEvidence, (evidence) => {
        fc.pre(evidence.successes > 0);
        expect(score(evidence)).toBeGreaterThan(score(emptyEvidence));
      }),
    );
  });

  it("survives damaged evidence", () => {
    const damaged = { ...good, successes: Number.NaN, failures: -3, lies: Infinity, observedSeconds: -1 };
    expect(score(damaged)).toBe(0);
    expect(score({ ...good, responseTimeMs: Number.NaN, lastSeen: Number.NaN, upSeconds: Infinity })).toBeLessThan(
      0.65,
    );
  });
});

describe("wilsonLowerBound", () => {
  it("grows with what is known of an equally good peer", () => {
    expect(wilsonLowerBound(0, 0)).toBe(0);
    expect(wilsonLowerBound(0, 10)).toBe(0);
    expect(wilsonLowerBound(1, 1)).toBeCloseTo(0.2065, 4);
    expect(wilsonLowerBound(10, 10)).toBeCloseTo(0.7225, 4);
    expect(wilsonLowerBound(90, 100)).toBeCloseTo(0.8256, 4);
  });
});
