import { describe, expect, it } from "vitest";

import {
  emptyEvidence,
  plainSuccessRate,
  recordFailure,
  recordLie,
  recordSuccess,
  recordUptime,
} from "../src/index.ts";

describe("evidence", () => {
  it("counts, and leaves what it was given as it was", () => {
    const first = recordSuccess(emptyEvidence, { nowMs: 1000, responseTimeMs: 100, bytes: 10 });
    const second = recordLie(recordFailure(recordSuccess(first, { nowMs: 2000, responseTimeMs: 200, bytes: 5 })));

    expect(first).toEqual({ ...emptyEvidence, successes: 1, responseTimeMs: 100, lastSeen: 1000, bytes: 10 });
    expect(second).toMatchObject({ successes: 2, failures: 1, lies: 1, lastSeen: 2000, bytes: 15 });
    expect(second.responseTimeMs).toBeCloseTo(120);
    expect(Object.isFrozen(emptyEvidence)).toBe(true);
  });

  it("adds up what was observed, and never more up time than observed", () => {
    const evidence = recordUptime(recordUptime(emptyEvidence, { upSeconds: 30, observedSeconds: 60 }), {
      upSeconds: 100,
      observedSeconds: 40,
    });
    expect(evidence).toMatchObject({ upSeconds: 70, observedSeconds: 100 });
  });

  it("takes no nonsense from a clock that jumped", () => {
    const evidence = recordSuccess(emptyEvidence, { nowMs: 1, responseTimeMs: -5, bytes: Number.NaN });
    expect(evidence).toMatchObject({ responseTimeMs: 0, bytes: 0 });
    expect(recordUptime(emptyEvidence, { upSeconds: -1, observedSeconds: -9 })).toEqual(emptyEvidence);
  });

  it("has a plain success rate of 1 for an unknown peer", () => {
    expect(plainSuccessRate(emptyEvidence)).toBe(1);
    expect(plainSuccessRate({ ...emptyEvidence, successes: 3, failures: 1 })).toBe(0.75);
    expect(plainSuccessRate({ ...emptyEvidence, lies: 2 })).toBe(0);
  });
});
