import { type Clock, systemClock } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { withDeadline } from "../../src/limits/deadline.ts";
import { RateLimiter } from "../../src/limits/rate-limiter.ts";
import { createRequestGate } from "../../src/limits/request-gate.ts";

describe("a rate limit", () => {
  it("lets no more through than burst and rate allow, whatever the pattern", () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 });
    fc.assert(
      fc.property(gaps, (pauses) => {
        const limiter = new RateLimiter({ perSecond: 10, burst: 5 });
        let nowMs = 0;
        let passed = 0;
        for (const pause of pauses) {
          nowMs += pause;
          if (limiter.allow("peer", nowMs)) passed += 1;
        }
        expect(passed).toBeLessThanOrEqual(5 + nowMs / 100 + 1);
      }),
    );
  });

  it("counts each key apart, refuses without counting, and recovers with time", () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 2 });
    expect([limiter.allow("a", 0), limiter.allow("a", 0), limiter.allow("a", 0), limiter.allow("b", 0)]).toEqual([
      true,
      true,
      false,
      true,
    ]);
    expect(limiter.allow("a", 1000)).toBe(true);
    expect(limiter.allow("a", 1000)).toBe(false);
    expect(limiter.allow("c", 0, 3)).toBe(false);
  });

  it("remembers a bounded number of keys", () => {
    const limiter = new RateLimiter({ perSecond: 1, burst: 1 }, 2);
    for (const key of ["a", "b", "c"]) expect(limiter.allow(key, 0)).toBe(true);
    expect(limiter.allow("c", 0)).toBe(false);
    expect(limiter.allow("a", 0)).toBe(true);
  });
});

describe("a gate", () => {
  it("gives a peer a quarter of its places at most, and all of them to all", () => {
    const gate = createRequestGate({ perSecond: 1, burst: 1 }, 8);
    const first = gate.enter("a");
    expect(gate.enter("a")).toBeDefined();
    expect(gate.enter("a")).toBeUndefined();
    for (const peer of ["b", "b", "c", "c", "d", "d"]) expect(gate.enter(peer)).toBeDefined();
    expect(gate.enter("e")).toBeUndefined();
    first?.();
    first?.();
    expect(gate.enter("e")).toBeDefined();
    expect(gate.enter("f")).toBeUndefined();
  });
});

describe("a deadline", () => {
  const impatient: Clock = { ...systemClock, sleep: () => Promise.resolve() };
  const forever = (signal: AbortSignal): Promise<never> =>
    new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => reject(new Error("some other error")));
    });

  it("ends with a timeout that says what took too long", async () => {
    await expect(withDeadline(impatient, 1000, undefined, "A test", forever)).rejects.toMatchObject({
      code: "network.connection-timeout",
      message: "A test did not finish in time",
    });
  });

  it("passes on the caller's own reason", async () => {
    const reason = new Error("the caller's");
    const cancel = new AbortController();
    const run = withDeadline(systemClock, 60_000, cancel.signal, "A test", forever);
    cancel.abort(reason);
    await expect(run).rejects.toBe(reason);
  });

  it("leaves results and errors alone", async () => {
    await expect(withDeadline(systemClock, 60_000, undefined, "A test", () => Promise.resolve(1))).resolves.toBe(1);
    const failed = withDeadline(systemClock, 60_000, undefined, "A test", () => Promise.reject(new Error("x")));
    await expect(failed).rejects.toThrow("x");
  });
});
