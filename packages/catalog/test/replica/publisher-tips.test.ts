import type { SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { followsOn, type PublisherTip, PublisherTips, tipOf } from "../../src/replica/publisher-tips.ts";
import { keyOf, publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";

/** What is remembered of a publisher with all its operations, of which some may wait. */
function tip(owner: TestPublisher, waiting: readonly SignedOperation[] = []): PublisherTip {
  const state = derivePublisher(owner.operations, owner.publisher);
  const admitted = new Map(owner.operations.filter(({ id }) => state.admitted.has(id)).map((each) => [each.id, each]));
  return tipOf({ publisher: owner.publisher, admitted, waiting, state, standings: new Map() });
}

const key = keyOf("laptop").key;

/** A publisher with one release, and what is remembered of it; what is made after that is new. */
function released(name: string): { readonly owner: TestPublisher; readonly known: PublisherTip } {
  const owner = publisherWithKey(name);
  owner.release("laptop", { time: start + 5 });
  return { owner, known: tip(owner) };
}

const notReleased = (): boolean => false;

describe("what is remembered of a publisher", () => {
  it("is the end of each chain that is open, how much there is, and what was ever yanked", () => {
    const { owner, known } = released("open");
    owner.grant("desktop");
    const head = owner.heads.get("laptop");
    expect(known).toEqual({
      count: 3,
      authorityHead: owner.operations[1]?.id,
      ends: new Map([[key, { seq: 1, id: head?.id, time: start + 5 }]]),
      yanked: new Set(),
      hasWaiting: false,
    });
    expect(tip(owner).ends.get(keyOf("desktop").key)).toBeUndefined();
    expect(tip(owner).ends.has(keyOf("desktop").key)).toBe(true);
    owner.chain("laptop", { type: "yank", time: start + 5, id: "IO.example.demo", version: "1.0.0", reason: "leaks" });
    owner.chain("laptop", { type: "unyank", time: start + 5, id: "io.example.other", version: "2.0.0" });
    expect(tip(owner).yanked).toEqual(new Set(["io.example.demo@1.0.0", "io.example.other@2.0.0"]));
    expect(tip(owner, owner.operations.slice(-1)).hasWaiting).toBe(true);
  });

  it("is no end of a chain that is forked, or whose key is revoked", () => {
    const revoked = released("revoked").owner;
    revoked.revoke("laptop");
    expect(tip(revoked).ends.size).toBe(0);
    const forked = released("forked").owner;
    forked.release("laptop", { version: "2.0.0", time: start + 5 }, null);
    expect(tip(forked).ends.size).toBe(0);
  });

  it("is that of so many as were used last", () => {
    const { known } = released("kept");
    const tips = new PublisherTips(2);
    for (const publisher of ["a", "b", "a", "c"]) {
      if (publisher === "a") tips.get(publisher);
      tips.put(publisher, known);
    }
    expect(["a", "b", "c"].map((publisher) => tips.get(publisher) !== undefined)).toEqual([true, false, true]);
    // Whom one asks for is used as well, and whom one asks for in vain takes no place.
    tips.get("a");
    for (let at = 0; at < 3; at += 1) expect(tips.get("nobody")).toBeUndefined();
    tips.put("d", known);
    expect(["a", "c", "d"].map((publisher) => tips.get(publisher) !== undefined)).toEqual([true, false, true]);
  });

  it("is what was put last", () => {
    const tips = new PublisherTips();
    const { known } = released("kept");
    expect(tips.get("a")).toBeUndefined();
    tips.put("a", known);
    expect(tips.get("a")).toBe(known);
    tips.put("a", { ...known, count: 9 });
    expect(tips.get("a")?.count).toBe(9);
    tips.clear();
    expect(tips.get("a")).toBeUndefined();
  });
});

describe("what simply follows", () => {
  it("is the next links of open chains with new versions, in any order", () => {
    const { owner, known } = released("follows");
    const [second, third] = ["2.0.0", "3.0.0"].map((version) => owner.release("laptop", { version, time: start + 5 }));
    if (second === undefined || third === undefined) throw new Error("two releases");
    const following = followsOn(known, [third, second], notReleased);
    expect(following?.releases.map(({ id }) => id)).toEqual([second.id, third.id]);
    expect(following?.after).toEqual({
      ...known,
      count: 5,
      ends: new Map([[key, { seq: 3, id: third.id, time: start + 5 }]]),
    });
    expect(known.ends.get(key)?.seq).toBe(1);
    expect(followsOn({ ...known, hasWaiting: true }, [second], notReleased)).toBeUndefined();
    // What is asked about is the package in lower case.
    expect(
      followsOn(known, [second], (id, version) => id === "io.example.demo" && version === "2.0.0"),
    ).toBeUndefined();
  });

  it("begins a chain of a key that has signed nothing, and none of a key that may not sign", () => {
    const owner = publisherWithKey("first");
    const known = tip(owner);
    const first = owner.release("laptop");
    expect(followsOn(known, [first], notReleased)?.after.ends.get(key)).toEqual({ seq: 1, id: first.id, time: start });
    expect(followsOn(known, [owner.release("thief")], notReleased)).toBeUndefined();
  });

  const head = (owner: TestPublisher): { seq: number; id: string } => owner.heads.get("laptop") ?? { seq: 0, id: "" };
  const more: readonly (readonly [string, (owner: TestPublisher) => SignedOperation[]])[] = [
    [
      "a yank",
      (owner) => [owner.chain("laptop", { type: "yank", time: start + 5, id: "x", version: "9.0.0", reason: "" })],
    ],
    ["a grant", (owner) => [owner.grant("desktop")]],
    ["a gap", (owner) => [owner.release("laptop", { version: "9.0.0", time: start + 5 }, { ...head(owner), seq: 2 })]],
    [
      "another parent",
      (owner) => [owner.release("laptop", { version: "9.0.0", time: start + 5 }, { seq: 1, id: owner.genesis.id })],
    ],
    ["a second beginning", (owner) => [owner.release("laptop", { version: "9.0.0", time: start + 5 }, null)]],
    ["a time before its parent's", (owner) => [owner.release("laptop", { version: "9.0.0", time: start + 4 })]],
    [
      "a time before that of a parent which came with it",
      (owner) => [
        owner.release("laptop", { version: "8.0.0", time: start + 9 }),
        owner.release("laptop", { version: "9.0.0", time: start + 8 }),
      ],
    ],
    [
      "a version twice, in other letters",
      (owner) => [
        owner.release("laptop", { version: "9.0.0", time: start + 5 }),
        owner.release("laptop", { id: "IO.EXAMPLE.demo", version: "9.0.0", time: start + 5 }),
      ],
    ],
  ];
  it.each(more)("is not %s", (name, go) => {
    const { owner, known } = released(name);
    expect(followsOn(known, go(owner), notReleased)).toBeUndefined();
  });

  it("is not a version that was ever yanked", () => {
    const { owner } = released("yanked");
    owner.chain("laptop", { type: "yank", time: start + 5, id: "io.example.demo", version: "2.0.0", reason: "leaks" });
    const known = tip(owner);
    const again = owner.release("laptop", { version: "2.0.0", time: start + 5 });
    expect(followsOn(known, [again], notReleased)).toBeUndefined();
  });
});
