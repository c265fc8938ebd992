import { sealOperation, type SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { checkSigners, collect } from "../../src/rules/operation-set.ts";
import { keyOf, publisherWithKey, start, TestPublisher } from "../publisher-fixture.ts";

const wrong = expect.objectContaining({ code: "record.bad-signature" }) as Error;
const [one, two, stranger] = [keyOf("one"), keyOf("two"), keyOf("stranger")];
const genesis = (threshold: number, ...signers: readonly (typeof one)[]): SignedOperation =>
  sealOperation({ v: 1, type: "genesis", time: start, keys: [one.key, two.key], threshold }, signers);

describe("the signers of an operation alone", () => {
  it("of a genesis are enough of its own keys, and nobody else", () => {
    for (const good of [genesis(1, one), genesis(1, two), genesis(1, one, two), genesis(2, one, two)]) {
      expect(() => checkSigners(good)).not.toThrow();
    }
    for (const bad of [genesis(2, one), genesis(1, stranger), genesis(1, one, stranger), genesis(2, one, stranger)]) {
      expect(() => checkSigners(bad)).toThrow(wrong);
    }
  });

  it("of a release are the key that it names, once and alone", () => {
    const owner = publisherWithKey("owner");
    const good = owner.release("laptop");
    expect(() => checkSigners(good)).not.toThrow();
    expect(() => checkSigners(sealOperation(good.operation, [stranger]))).toThrow(wrong);
    expect(() => checkSigners(sealOperation(good.operation, [keyOf("laptop"), stranger]))).toThrow(wrong);
  });

  it("of a change of authority are for its publisher's chain to judge", () => {
    const owner = publisherWithKey("owner");
    const grant = owner.grant("other");
    expect(() => checkSigners(sealOperation(grant.operation, [stranger]))).not.toThrow();
  });
});

describe("a set", () => {
  it("has no publisher when it is empty", () => {
    expect(() => derivePublisher([])).toThrow(RangeError);
  });

  it("knows a publisher by a genesis with enough signatures only, from one envelope or from several", () => {
    const half = genesis(2, one);
    const state = derivePublisher([half]);
    expect(state).toMatchObject({ known: false, threshold: 0, rotationKeys: [], domains: [], releases: [] });
    expect(state.withoutEffect).toEqual(new Map([[half.id, "unauthorised"]]));
    expect(state.admitted.size).toBe(0);
    expect("frozen" in state || "authorityHead" in state).toBe(false);
    const whole = derivePublisher([half, genesis(2, two)]);
    expect(whole).toMatchObject({ known: true, threshold: 2, authorityHead: half.id });
    expect("frozen" in whole).toBe(false);
    expect(whole.withoutEffect.size).toBe(0);
  });

  it("has each operation once, in its smallest envelope, with the signatures of all", () => {
    const [a, b] = [genesis(2, one), genesis(2, two)];
    const smallest = Buffer.compare(a.envelope, b.envelope) < 0 ? a : b;
    for (const order of [
      [a, b],
      [b, a],
    ]) {
      const members = collect(order);
      expect([...members.keys()]).toEqual([a.id]);
      expect(members.get(a.id)?.signed).toBe(smallest);
      expect([...(members.get(a.id)?.signatures.keys() ?? [])].toSorted()).toEqual([one.key, two.key].toSorted());
    }
  });
});

describe("a release chain", () => {
  it("takes nothing that its own key has not signed", () => {
    const owner = publisherWithKey("owner");
    const good = owner.release("laptop");
    const bad = owner.chain(
      "laptop",
      { type: "yank", id: "a", version: "1.0.0", reason: "x", time: start },
      undefined,
      stranger,
    );
    const state = derivePublisher(owner.operations);
    expect(state.withoutEffect).toEqual(new Map([[bad.id, "unauthorised"]]));
    expect(state.admitted.has(bad.id)).toBe(false);
    expect(state.admitted.has(good.id)).toBe(true);
  });

  it("does not go on from the operation of another key", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    const first = owner.release("laptop");
    const beside = owner.release("ci", { version: "2.0.0" }, { seq: 1, id: first.id });
    const after = owner.release("ci", { version: "3.0.0" });
    expect(derivePublisher(owner.operations).withoutEffect).toEqual(
      new Map([
        [beside.id, "misplaced"],
        [after.id, "orphan"],
      ]),
    );
  });

  it("is the same whatever the order, and forks only where one key signed twice", () => {
    const owner = publisherWithKey("owner");
    const first = owner.release("laptop");
    owner.release("laptop", { version: "1.1.0" });
    const third = owner.release("laptop", { version: "1.2.0" });
    const key = keyOf("laptop").key;
    for (const operations of [owner.operations, owner.operations.toReversed()]) {
      const state = derivePublisher(operations);
      expect(state.releases).toHaveLength(3);
      expect(state.signingKeys.get(key)).toMatchObject({ head: { seq: 3, id: third.id } });
      expect(state.signingKeys.get(key)?.forkedAt).toBeUndefined();
    }
    const rival = owner.release("laptop", { version: "9.0.0" }, { seq: 1, id: first.id });
    const state = derivePublisher(owner.operations.toReversed());
    expect(state.signingKeys.get(key)).toMatchObject({ forkedAt: 2, head: { seq: 1, id: first.id } });
    expect(state.signingKeys.get(key)?.forkedBy).toContain(rival.id);
    // They are shown, as what nobody installs.
    expect(state.withoutEffect.size).toBe(0);
    expect(state.releases.map(({ operation, status }) => [operation.operation.version, status])).toEqual([
      ["1.0.0", "valid"],
      ["1.1.0", "conflicted"],
      ["1.2.0", "conflicted"],
      ["9.0.0", "conflicted"],
    ]);
  });

  it("without a grant has no head, and says nothing of a fork", () => {
    const owner = new TestPublisher("owner");
    const early = owner.release("laptop");
    const state = derivePublisher(owner.operations);
    expect(state.withoutEffect).toEqual(new Map([[early.id, "not-granted"]]));
    expect(state.signingKeys.size).toBe(0);
  });
});
