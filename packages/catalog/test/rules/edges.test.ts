import type { SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { derivePublisher, type PublisherState } from "../../src/index.ts";
import { keyOf, publisherWithKey, start, TestPublisher } from "../publisher-fixture.ts";

/** What is said of the operations in the order they came and in the opposite one; both the same. */
function derive(owner: TestPublisher, leftOut?: SignedOperation): PublisherState {
  const operations = owner.operations.filter(({ id }) => id !== leftOut?.id);
  const state = derivePublisher(operations, owner.publisher);
  expect(derivePublisher(operations.toReversed(), owner.publisher)).toEqual(state);
  return state;
}
const idsOf = ({ releases }: PublisherState): string[] => releases.map(({ operation }) => operation.id);
const version = { id: "io.example.demo", version: "1.0.0" };

describe("authority", () => {
  it("has domains in order, those that are claimed", () => {
    const owner = new TestPublisher("owner");
    for (const [domain, claim] of [
      ["b.example", true],
      ["c.example", true],
      ["a.example", true],
      ["c.example", false],
      ["never.example", false],
    ]) {
      owner.authority({ type: "domain", domain, claim });
    }
    expect(derive(owner).domains).toEqual(["a.example", "b.example"]);
    expect(derive(owner).contested).toEqual([]);
    expect(derivePublisher([], owner.publisher)).toMatchObject({ known: false, contested: [], domains: [] });
  });

  it("takes nothing from a key that never was granted, and of two revocations at one place the first", () => {
    const owner = publisherWithKey("owner");
    owner.revoke("stranger", null);
    expect([...derive(owner).signingKeys.keys()]).toEqual([keyOf("laptop").key]);
    const { id } = owner.release("laptop");
    const first = owner.revoke("laptop");
    owner.revoke("laptop", { seq: 1, id }, { time: start + 1 });
    expect(derive(owner).signingKeys.get(keyOf("laptop").key)?.revoked).toEqual({
      operation: first.id,
      seq: 1,
      head: id,
    });
  });

  it("names all that succeed one operation, and only where there are several", () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2 });
    const [high, low] = owner.rotation;
    if (high === undefined || low === undefined) throw new Error("no keys");
    const one = owner.grant("one", { signers: [low] });
    owner.grant("after", { signers: [low] });
    const other = owner.grant("other", { signers: [high], prev: owner.genesis.id });
    expect(derive(owner).contested).toEqual([one.id, other.id].toSorted());
    expect(derive(owner).authorityHead).toBe(other.id);
  });
});

describe("a fork", () => {
  it("goes to the branch whose best signer ranks highest, whoever else signed it", () => {
    const owner = new TestPublisher("owner", { rotationKeys: 3 });
    const [high, middle, low] = owner.rotation;
    if (high === undefined || middle === undefined || low === undefined) throw new Error("no keys");
    const right = owner.grant("right", { signers: [high, low] });
    owner.grant("thief", { signers: [middle], prev: owner.genesis.id });
    expect(derive(owner)).toMatchObject({ authorityHead: right.id });
    expect([...derive(owner).signingKeys.keys()]).toEqual([keyOf("right").key]);
  });
});

describe("a release chain", () => {
  it("keeps the line below a revoked head, whichever of the rivals came first", () => {
    const owner = publisherWithKey("owner");
    const base = owner.release("laptop", { version: "1.0.0" });
    const beside = owner.release("laptop", { version: "6.6.6" });
    const head = owner.release("laptop", { version: "1.1.0" }, { seq: 1, id: base.id });
    owner.revoke("laptop", { seq: 2, id: head.id });
    const state = derive(owner);
    expect(idsOf(state)).toEqual([base.id, head.id]);
    expect(state.withoutEffect).toEqual(new Map([[beside.id, "revoked"]]));
  });

  it("tells what stands beside a head that has not come from what is beyond it", () => {
    const owner = publisherWithKey("owner");
    const base = owner.release("laptop", { version: "1.0.0" });
    const head = owner.release("laptop", { version: "1.1.0" });
    const beside = owner.release("laptop", { version: "6.6.6" }, { seq: 1, id: base.id });
    const beyond = owner.release("laptop", { version: "6.6.7" }, { seq: 2, id: beside.id });
    owner.revoke("laptop", { seq: 2, id: head.id });
    const state = derive(owner, head);
    expect(state.releases).toEqual([]);
    expect(state.withoutEffect).toEqual(
      new Map([
        [base.id, "orphan"],
        [beside.id, "orphan"],
        [beyond.id, "revoked"],
      ]),
    );
  });

  it("shows releases of a fork, and yanks nothing by it", () => {
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    const after = { seq: 1, id: release.id };
    const yank = owner.chain("laptop", { type: "yank", ...version, reason: "one" }, after);
    const other = owner.chain("laptop", { type: "yank", ...version, reason: "other" }, after);
    const state = derive(owner);
    expect(state.releases).toMatchObject([{ status: "valid" }]);
    expect(state.withoutEffect).toEqual(
      new Map([
        [yank.id, "conflicted"],
        [other.id, "conflicted"],
      ]),
    );
    expect(state.signingKeys.get(keyOf("laptop").key)).toMatchObject({
      forkedAt: 2,
      forkedBy: [yank.id, other.id].toSorted(),
      head: after,
    });
  });
});

describe("releases", () => {
  it("stand by id without case, then version, then operation, whatever order they came in", () => {
    const owner = publisherWithKey("owner");
    owner.grant("ci");
    const c = owner.release("laptop", { id: "c.demo" });
    const later = owner.release("laptop", { id: "B.demo", version: "10.0.0" });
    const earlier = owner.release("ci", { id: "b.demo", version: "9.0.0" });
    const a = owner.release("ci", { id: "a.demo", version: "99.0.0" });
    const rivals = ["laptop", "ci", "laptop"].map(
      (name, at) => owner.release(name, { id: "d.demo", content: `${at}` }).id,
    );
    const state = derive(owner);
    expect(idsOf(state)).toEqual([a.id, earlier.id, later.id, c.id, ...rivals.toSorted()]);
    expect(state.releases.map(({ status }) => status)).toEqual([
      ...Array.from({ length: 4 }, () => "valid"),
      ...Array.from({ length: 3 }, () => "conflicted"),
    ]);
  });

  it("of one content count once: the earliest, and of the same second that with the smallest id", () => {
    for (const times of [
      [2, 1, 3],
      [1, 2, 3],
      [3, 2, 1],
      [1, 1, 1],
    ]) {
      const owner = new TestPublisher("owner");
      const made = ["x", "y", "z"].map((name, at) => {
        owner.grant(name);
        return owner.release(name, { content: "same", time: start + (times[at] ?? 0) });
      });
      const [first, ...others] = made.toSorted((a, b) => a.operation.time - b.operation.time || (a.id < b.id ? -1 : 1));
      const state = derive(owner);
      expect(idsOf(state)).toEqual([first?.id]);
      expect(state.withoutEffect).toEqual(new Map(others.map(({ id }) => [id, "duplicate"])));
    }
  });

  it("that several keys yanked have the reason of the smallest id", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop");
    const yanks = ["x", "y", "z"].map((name) => {
      owner.grant(name);
      return owner.chain(name, { type: "yank", ...version, reason: name });
    });
    const [smallest] = yanks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
    const reason = smallest?.operation.type === "yank" ? smallest.operation.reason : "";
    expect(derive(owner).releases).toMatchObject([{ status: "yanked", yank: reason }]);
  });
});
