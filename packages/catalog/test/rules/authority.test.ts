import { createSigner, sealOperation, toHex } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { keyOf, publisherWithKey, start, TestPublisher } from "../publisher-fixture.ts";

describe("the authority chain", () => {
  it("begins with a genesis and grows by grants, rotations and domains", () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2 });
    const grant = owner.grant("laptop");
    owner.authority({ type: "domain", domain: "example.io", claim: true });
    owner.authority({ type: "domain", domain: "example.org", claim: true });
    owner.authority({ type: "domain", domain: "example.io", claim: false });
    const successor = keyOf("successor");
    const rotate = owner.authority({ type: "rotate", keys: [successor.key], threshold: 1 });
    const late = owner.grant("phone", { signers: [successor] });

    const state = derivePublisher(owner.operations);
    expect(state).toMatchObject({
      publisher: owner.publisher,
      known: true,
      rotationKeys: [successor.key],
      threshold: 1,
      authorityHead: late.id,
      domains: ["example.org"],
    });
    expect(state.frozen).toBeUndefined();
    expect(state.signingKeys.get(keyOf("laptop").key)).toEqual({ label: "laptop", granted: grant.id });
    expect(state.signingKeys.get(keyOf("phone").key)).toEqual({ label: "phone", granted: late.id });
    expect(state.withoutEffect.size).toBe(0);
    expect(state.admitted).toEqual(new Set(owner.operations.map(({ id }) => id)));
    expect(state.admitted.has(rotate.id)).toBe(true);
  });

  it("knows nothing without the genesis", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop");
    const state = derivePublisher(owner.operations.slice(1), owner.publisher);
    expect(state).toMatchObject({ known: false, releases: [] });
    expect(state.admitted.size).toBe(0);
    expect([...state.withoutEffect.values()]).toEqual(["orphan", "orphan"]);
  });

  it("leaves out operations of other publishers", () => {
    const owner = publisherWithKey("owner");
    const other = publisherWithKey("other");
    const state = derivePublisher([...owner.operations, ...other.operations], owner.publisher);
    expect([...state.withoutEffect]).toEqual(other.operations.map(({ id }) => [id, "foreign"]));
    expect(state.admitted.size).toBe(2);
  });

  it("asks for as many rotation keys as the threshold says, whichever copies they came with", () => {
    const owner = new TestPublisher("owner", { rotationKeys: 3, threshold: 2 });
    const [first, second] = owner.rotation;
    if (first === undefined || second === undefined) throw new Error("no keys");
    const one = owner.grant("laptop", { signers: [first] });
    expect(derivePublisher(owner.operations).withoutEffect.get(one.id)).toBe("unauthorised");

    const copy = sealOperation(one.operation, [second]);
    expect(copy.id).toBe(one.id);
    const state = derivePublisher([...owner.operations, copy]);
    expect(state.signingKeys.has(keyOf("laptop").key)).toBe(true);
    expect(state.authoritySignatures.get(one.id)?.map(({ key }) => key)).toEqual(
      [first, second].map(({ publicKey }) => toHex(publicKey)).toSorted(),
    );
  });

  it("does not count a stranger's signature, nor a rotation key that was replaced", () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2, threshold: 2 });
    const [first] = owner.rotation;
    if (first === undefined) throw new Error("no key");
    const stranger = owner.grant("laptop", { signers: [first, keyOf("stranger")] });
    const rotate = owner.authority(
      { type: "rotate", keys: [keyOf("new").key], threshold: 1 },
      { prev: owner.genesis.id, signers: owner.rotation },
    );
    const old = owner.grant("phone", { signers: owner.rotation });
    const state = derivePublisher(owner.operations);
    expect(state.authorityHead).toBe(rotate.id);
    expect(state.withoutEffect).toEqual(
      new Map([
        [stranger.id, "unauthorised"],
        [old.id, "unauthorised"],
      ]),
    );
  });

  it("gives a fork to the branch that the higher-ranked key signed, however long the other is", () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2 });
    const [high, low] = owner.rotation;
    if (high === undefined || low === undefined) throw new Error("no keys");
    const thief = owner.grant("thief", { signers: [low] });
    const more = owner.grant("thief 2", { signers: [low] });
    const stolen = owner.release("thief");
    const right = owner.grant("laptop", { signers: [high], prev: owner.genesis.id });
    const state = derivePublisher(owner.operations);
    expect(state.authorityHead).toBe(right.id);
    expect(state.frozen).toBeUndefined();
    expect([...state.signingKeys.keys()]).toEqual([keyOf("laptop").key]);
    expect(state.releases).toEqual([]);
    expect(state.withoutEffect).toEqual(
      new Map([
        [thief.id, "fork-lost"],
        [more.id, "fork-lost"],
        [stolen.id, "not-granted"],
      ]),
    );
    // Which branch wins may change with the next operation; what nodes reconcile must not shrink by it.
    expect(state.admitted.size).toBe(owner.operations.length);
  });

  it("freezes the publisher at a fork of equal rank, and keeps both heads", () => {
    const owner = publisherWithKey("owner");
    const before = owner.authorityHead;
    const kept = owner.release("laptop");
    const one = owner.grant("one", { prev: before });
    const two = owner.grant("two", { prev: before });
    const state = derivePublisher(owner.operations);
    expect(state.frozen).toEqual({ parent: before, heads: [one.id, two.id].toSorted() });
    expect(state.authorityHead).toBe(before);
    expect(state.signingKeys.has(keyOf("one").key)).toBe(false);
    expect(state.withoutEffect.get(one.id)).toBe("frozen");
    expect(state.releases.map(({ operation }) => operation.id)).toEqual([kept.id]);
  });

  it("is not forked by an operation that is older than its parent", () => {
    const owner = publisherWithKey("owner");
    const grant = owner.authorityHead;
    const early = owner.authority(
      { type: "domain", domain: "example.io", claim: true },
      { prev: owner.genesis.id, time: start - 1 },
    );
    const state = derivePublisher(owner.operations);
    expect(state.authorityHead).toBe(grant);
    expect(state.withoutEffect.get(early.id)).toBe("misplaced");
    expect(state.admitted.has(early.id)).toBe(false);
  });

  it("refuses a genesis that too few of its keys signed", () => {
    const keys = [keyOf("a"), keyOf("b")];
    const genesis = sealOperation(
      { v: 1, type: "genesis", time: start, keys: keys.map(({ key }) => key), threshold: 2 },
      [keyOf("a"), createSigner(new Uint8Array(32).fill(9))],
    );
    expect(derivePublisher([genesis])).toMatchObject({ known: false });
  });
});
