import { expect, it } from "vitest";

import { lackingPeers, publishersToAsk, silentPeers } from "../../src/light/survey.ts";

it("a peer is asked about whom it named before those whom others named, however many these are", () => {
  const flood = Array.from({ length: 1000 }, (_, place) => `made-up-${String(place).padStart(4, "0")}`);
  const claims = new Map([
    ["honest", new Set(["owner", "second"])],
    ["liar", new Set(flood)],
    ["other", new Set(["owner"])],
  ]);
  const wanted = new Set(["pinned"]);
  const asked = publishersToAsk("honest", claims, wanted);
  expect(asked.slice(0, 3)).toEqual(["pinned", "owner", "second"]);
  expect(asked).toHaveLength(16);
  // The others are asked about its own, then about those that most name.
  expect(publishersToAsk("other", claims, wanted).slice(0, 2)).toEqual(["pinned", "owner"]);
  expect(publishersToAsk("liar", claims, wanted).slice(0, 2)).toEqual(["pinned", "made-up-0000"]);
  claims.delete("other");
  const fresh = publishersToAsk("fresh", claims, new Set());
  expect(fresh).toEqual(expect.arrayContaining(["owner", "second", "made-up-0000", "made-up-0001"]));
  expect(silentPeers(claims, ["owner"])).toEqual(["liar"]);
});

it("who gave less than another of the same publisher is known", () => {
  const all = new Set(["genesis", "grant", "release"]);
  const frozen = new Set(["genesis", "grant"]);
  expect(
    lackingPeers(
      new Map([
        ["honest", new Map([["owner", all]])],
        ["freezer", new Map([["owner", frozen]])],
        ["unasked", new Map()],
        ["odd", new Map([["owner", new Set([...frozen, "revoke"])]])],
      ]),
    ),
  ).toEqual(["honest", "freezer", "odd"]);
  expect(lackingPeers(new Map([["honest", new Map([["owner", all]])]]))).toEqual([]);
});

it("of those whom others named the ones come first that most named, then those named first", () => {
  const claims = new Map([
    ["a", new Set(["early", "between", "late", "rare"])],
    ["b", new Set(["popular", "between", "early", "late"])],
    ["c", new Set(["popular", "other"])],
    ["d", new Set(["popular"])],
  ]);
  expect(publishersToAsk("fresh", claims, new Set())).toEqual(["popular", "early", "between", "late", "other", "rare"]);
  expect(publishersToAsk("c", claims, new Set(["wanted"]))).toEqual([
    "wanted",
    "popular",
    "other",
    "early",
    "between",
    "late",
    "rare",
  ]);
});

it("a peer is silent that leaves out one claimant of several", () => {
  const claims = new Map([
    ["whole", new Set(["owner", "second"])],
    ["part", new Set(["owner"])],
    ["more", new Set(["owner", "second", "unknown"])],
  ]);
  expect(silentPeers(claims, ["owner", "second"])).toEqual(["part"]);
  expect(silentPeers(claims, [])).toEqual([]);
});
