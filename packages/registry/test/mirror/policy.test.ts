import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { decideCopy, isMirrored, type MirrorCopy, mirrorQuota, overQuota } from "../../src/mirror/policy.ts";

const copy = (change: Partial<MirrorCopy> & { readonly cid: string }): MirrorCopy => ({
  bytes: 100,
  packageId: change.cid,
  publisher: "one",
  known: true,
  behind: 0,
  holders: 0,
  ...change,
});
const dropped = (decision: ReturnType<typeof decideCopy>): string[] | string =>
  decision.take ? decision.drop.map(({ cid }) => cid) : decision.because;

it("takes whose packages a mode says", () => {
  const standings = [
    { trusted: false, followed: false },
    { trusted: false, followed: true },
    { trusted: true, followed: false },
  ];
  const taken = (["none", "followed", "trusted", "all"] as const).map((mode) =>
    standings.map((standing) => isMirrored(mode, standing)),
  );
  expect(taken).toEqual([
    [false, false, false],
    [false, true, false],
    [false, false, true],
    [true, true, true],
  ]);
});

describe("a copy more than the quota", () => {
  const quota = mirrorQuota(1000);
  const held = [
    copy({ cid: "rare", bytes: 300 }),
    copy({ cid: "common", bytes: 300, holders: 5 }),
    copy({ cid: "older", bytes: 300, holders: 5, behind: 2 }),
  ];

  it("takes the place of what most others hold, the oldest version first", () => {
    expect(dropped(decideCopy(copy({ cid: "new", bytes: 200 }), held, quota))).toEqual(["older"]);
    expect(dropped(decideCopy(copy({ cid: "new", bytes: 500 }), held, quota))).toEqual(["older", "common"]);
  });

  it("does not change places with what is needed as much, so that nothing goes to and fro", () => {
    expect(decideCopy(copy({ cid: "new", bytes: 800 }), held, quota).take).toBe(false);
    expect(decideCopy(copy({ cid: "new", bytes: 200, holders: 5 }), held, quota).take).toBe(false);
  });

  it("takes the place of an older version of its own package, whoever else holds that", () => {
    const old = copy({ cid: "v1", packageId: "p", bytes: 900, behind: 1 });
    expect(dropped(decideCopy(copy({ cid: "v2", packageId: "p", bytes: 900 }), [old], quota))).toEqual(["v1"]);
    expect(decideCopy(copy({ cid: "v0", packageId: "p", bytes: 900, behind: 2 }), [old], quota).take).toBe(false);
  });

  it("of a stranger never displaces what is of a known publisher, and goes first for it", () => {
    const rich = mirrorQuota(16_000);
    const known = copy({ cid: "known", bytes: 15_500, holders: 50 });
    const stranger = copy({ cid: "new", bytes: 600, known: false });
    expect(decideCopy(stranger, [known], rich).take).toBe(false);
    const full = [known, copy({ cid: "strange", bytes: 400, known: false })];
    expect(dropped(decideCopy(copy({ cid: "new", bytes: 500, holders: 9 }), full, rich))).toEqual(["strange"]);
  });
});

/** A hostile announcer with a few keys and any number of releases, and somebody honest. */
const releases = fc.array(
  fc.record({
    bytes: fc.integer({ min: 1, max: 2000 }),
    publisher: fc.constantFrom("a", "b", "c", "honest"),
    holders: fc.nat({ max: 5 }),
    behind: fc.nat({ max: 3 }),
  }),
  { maxLength: 60 },
);

it("keeps the quota, a share for each stranger, and what is of a known publisher, whatever is released", () => {
  fc.assert(
    fc.property(releases, fc.integer({ min: 0, max: 20_000 }), (all, maxBytes) => {
      const quota = mirrorQuota(maxBytes);
      let held: MirrorCopy[] = [];
      for (const [index, release] of all.entries()) {
        const candidate = copy({ ...release, cid: String(index), known: release.publisher === "honest" });
        const decision = decideCopy(candidate, held, quota);
        if (!decision.take) continue;
        for (const gone of decision.drop) expect(gone.known && !candidate.known).toBe(false);
        held = [...held.filter((kept) => !decision.drop.includes(kept)), candidate];
        const sum = (publisher?: string): number =>
          held
            .filter((kept) => publisher === undefined || kept.publisher === publisher)
            .reduce((n, { bytes }) => n + bytes, 0);
        expect(sum()).toBeLessThanOrEqual(quota.maxBytes);
        for (const stranger of ["a", "b", "c"]) expect(sum(stranger)).toBeLessThanOrEqual(quota.strangerBytes);
      }
      const smaller = mirrorQuota(maxBytes >> 1);
      const gone = overQuota(held, smaller);
      const left = held.filter((kept) => !gone.includes(kept)).reduce((n, { bytes }) => n + bytes, 0);
      expect(left).toBeLessThanOrEqual(smaller.maxBytes);
    }),
  );
});
