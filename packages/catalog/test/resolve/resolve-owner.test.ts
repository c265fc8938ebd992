import { describe, expect, it } from "vitest";

import { type OwnerQuestion, resolveOwner } from "../../src/index.ts";

const ask = (question: Partial<OwnerQuestion>): ReturnType<typeof resolveOwner> =>
  resolveOwner({ claimants: ["a", "b"], trusted: new Set(), synced: true, ...question });

describe("resolveOwner", () => {
  it("goes from the publisher named to the lockfile, the pin, trust and the domain", () => {
    const trusted = new Set(["a"]);
    const all = { named: "b", locked: "a", pinned: "a", trusted, verifiedDomain: "b" };
    expect(ask(all)).toEqual({ publisher: "b", because: "named" });
    expect(ask({ ...all, named: undefined })).toEqual({ publisher: "a", because: "locked" });
    expect(ask({ pinned: "b", trusted, verifiedDomain: "a" })).toEqual({ publisher: "b", because: "pinned" });
    expect(ask({ trusted, verifiedDomain: "b" })).toEqual({ publisher: "a", because: "trusted" });
    expect(ask({ verifiedDomain: "b" })).toEqual({ publisher: "b", because: "domain" });
  });

  it("takes the only claimant of a synced catalogue alone", () => {
    expect(ask({ claimants: ["a"] })).toEqual({ publisher: "a", because: "only-claimant" });
    expect(ask({ claimants: ["a", "a"] })).toEqual({ publisher: "a", because: "only-claimant" });
    expect(ask({ claimants: ["a"], synced: false })).toEqual({ unknown: "not-synced", publisher: "a" });
    expect(ask({ claimants: [] })).toEqual({ unknown: "no-claimant" });
  });

  it("refuses to choose between several claimants, or between several trusted ones", () => {
    expect(ask({ claimants: ["b", "a"] })).toEqual({ disputed: ["a", "b"] });
    expect(ask({ claimants: ["c", "b", "a"], trusted: new Set(["a", "b"]) })).toEqual({ disputed: ["a", "b"] });
    expect(ask({ claimants: ["b", "a"], synced: false })).toEqual({ disputed: ["a", "b"] });
  });

  it("attack: never takes another owner than the one named, locked or pinned", () => {
    const trusted = new Set(["a"]);
    for (const because of ["named", "locked", "pinned"] as const) {
      expect(ask({ [because]: "gone", trusted, verifiedDomain: "a", claimants: ["a"] })).toEqual({
        unknown: "not-a-claimant",
        publisher: "gone",
        because,
      });
    }
    expect(ask({ verifiedDomain: "gone", trusted: new Set(["gone"]) })).toEqual({ disputed: ["a", "b"] });
  });
});
