import { type OperationId, sealOperation, type SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { derivePublisher } from "../../src/index.ts";
import { applyOperations, type PublisherChange, updatesOf } from "../../src/replica/apply-operations.ts";
import type { StoredPublisher } from "../../src/replica/publisher-store.ts";
import { keyOf, publisherWithKey, TestPublisher } from "../publisher-fixture.ts";

const demo = { id: "io.example.demo", version: "1.0.0" };
const idsOf = (operations: readonly SignedOperation[]): OperationId[] => operations.map(({ id }) => id);

/** A publisher of whom nothing is stored. */
function nothingOf({ publisher }: TestPublisher): StoredPublisher {
  return { publisher, admitted: new Map(), waiting: [], state: derivePublisher([], publisher), standings: new Map() };
}

/** What is stored after a change. */
function after({ before, admitted, waiting, state }: PublisherChange): StoredPublisher {
  const standings = new Map(
    state.releases.map(({ operation, status }) => [operation.id, { status } as never] as const),
  );
  return { publisher: before.publisher, admitted, waiting, state, standings };
}

describe("operations that come", () => {
  it("are let in when all before them is there, once each, and wait for it otherwise", () => {
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    const [genesis, grant] = owner.operations as [SignedOperation, SignedOperation];
    const waits = applyOperations(nothingOf(owner), [release, release, grant]);
    expect(waits).toMatchObject({ inserted: [], replaced: [], dropped: [], purged: [] });
    expect(idsOf(waits.waits)).toEqual([release.id, grant.id]);
    expect(idsOf(waits.waiting)).toEqual([release.id, grant.id]);
    expect(waits.admitted.size).toBe(0);

    // The same envelope does not wait twice.
    expect(applyOperations(after(waits), [release]).waits).toEqual([]);
    const comes = applyOperations(after(waits), [genesis, genesis]);
    expect(idsOf(comes.inserted).toSorted()).toEqual([genesis.id, grant.id, release.id].toSorted());
    expect(comes).toMatchObject({ replaced: [], waits: [], waiting: [], dropped: [], purged: [] });
    expect([...comes.admitted.keys()].toSorted()).toEqual(idsOf(comes.inserted).toSorted());
    expect(applyOperations(after(comes), [genesis, grant, release])).toMatchObject({
      inserted: [],
      replaced: [],
      waits: [],
      dropped: [],
    });
  });

  it("are dropped when nothing that comes can give them effect, also those that had waited", () => {
    const owner = publisherWithKey("owner");
    const known = applyOperations(nothingOf(owner), owner.operations);
    const forged = owner.grant("thief", { signers: [keyOf("thief")] });
    expect(applyOperations(after(known), [forged, forged])).toMatchObject({
      waits: [],
      waiting: [],
      dropped: [forged.id],
    });

    const waiting = applyOperations(nothingOf(owner), [forged]);
    expect(idsOf(waiting.waits)).toEqual([forged.id]);
    const settled = applyOperations(after(waiting), owner.operations.slice(0, 2));
    expect(settled).toMatchObject({ purged: [forged.id], waiting: [], dropped: [] });
    expect(settled.admitted.has(forged.id)).toBe(false);

    // What may still come in waits on.
    const early = applyOperations(nothingOf(owner), [owner.release("laptop"), forged]);
    const [genesis] = owner.operations;
    const waits = applyOperations(after(early), genesis === undefined ? [] : [genesis]);
    expect(waits.waiting).toHaveLength(2);
    expect(waits.purged).toEqual([]);
  });

  it("wait when only a grant is missing", () => {
    const owner = new TestPublisher("owner");
    const known = applyOperations(nothingOf(owner), owner.operations);
    const early = owner.release("laptop");
    const waits = applyOperations(after(known), [early]);
    expect(idsOf(waits.waits)).toEqual([early.id]);
    const grant = owner.grant("laptop");
    expect(idsOf(applyOperations(after(waits), [grant]).inserted).toSorted()).toEqual([early.id, grant.id].toSorted());
  });

  it("wait, a thousand of a publisher at most: the last ones", () => {
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    // Each envelope is another one, whatever it holds.
    const many = Array.from({ length: 1001 }, (_, at) => ({ ...release, envelope: Uint8Array.of(at, at >> 8) }));
    const { waiting, waits } = applyOperations(nothingOf(owner), many);
    expect([waits.length, waiting.length]).toEqual([1001, 1000]);
    expect(waiting[0]).toBe(many[1]);
  });
});

describe("signatures of an authority operation", () => {
  const owner = new TestPublisher("owner", { rotationKeys: 2 });
  const [high, low] = owner.rotation;
  if (high === undefined || low === undefined) throw new Error("two rotation keys");
  const whole = owner.grant("laptop", { signers: [high, low] });
  const byHigh = sealOperation(whole.operation, [high]);
  const byLow = sealOperation(whole.operation, [low]);
  const known = (...operations: readonly SignedOperation[]): StoredPublisher =>
    after(applyOperations(nothingOf(owner), [owner.genesis, ...operations]));

  it("are united over copies, and what is passed on has all that count", () => {
    const change = applyOperations(known(byHigh), [byLow]);
    expect(change.inserted).toEqual([]);
    expect(idsOf(change.replaced)).toEqual([whole.id]);
    expect(change.replaced[0]?.envelope).toEqual(Uint8Array.from(whole.envelope));
    expect(change.admitted.get(whole.id)?.signatures).toHaveLength(2);
    const together = applyOperations(known(), [byLow, byHigh]);
    expect(together.inserted.map(({ envelope }) => Buffer.from(envelope))).toEqual([Buffer.from(whole.envelope)]);
  });

  it("are not lost to a copy that has fewer, nor joined by those that do not count", () => {
    for (const copy of [byHigh, byLow, whole]) expect(applyOperations(known(whole), [copy]).replaced).toEqual([]);
    const padded = sealOperation(whole.operation, [high, keyOf("stranger")]);
    const { inserted } = applyOperations(known(), [padded]);
    expect(inserted.map(({ envelope }) => Buffer.from(envelope))).toEqual([Buffer.from(byHigh.envelope)]);
    expect(applyOperations(known(byHigh), [padded]).replaced).toEqual([]);
    // As many as count, of which one does not.
    const change = applyOperations(known(), [padded, byLow]);
    expect(change.inserted.map(({ envelope }) => Buffer.from(envelope))).toEqual([Buffer.from(whole.envelope)]);
  });
});

describe("subscribers are told", () => {
  const events = (change: PublisherChange): string[] =>
    updatesOf(change, "sync").map(({ type, id, version, operation }) => `${type} ${id}@${version} ${operation}`);

  it("of releases that are in force, once, and of yanks and unyanks, in all their parts", () => {
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    const first = applyOperations(nothingOf(owner), owner.operations);
    expect(updatesOf(first, "gossip")).toEqual([
      { type: "release", ...demo, publisher: owner.publisher, operation: release.id, via: "gossip" },
    ]);
    const yank = owner.chain("laptop", { type: "yank", ...demo, reason: "leaks" });
    const second = applyOperations(after(first), [yank]);
    expect(events(second)).toEqual([`yank ${demo.id}@${demo.version} ${yank.id}`]);
    const unyank = owner.chain("laptop", { type: "unyank", ...demo });
    expect(events(applyOperations(after(second), [unyank]))).toEqual([
      `unyank ${demo.id}@${demo.version} ${unyank.id}`,
    ]);
    expect(events(applyOperations(after(second), [yank, release]))).toEqual([]);
  });

  it("of no release that is conflicted, and of nothing that has no effect", () => {
    const owner = publisherWithKey("owner");
    owner.release("laptop", { content: "one" });
    owner.release("laptop", { content: "two" }, null);
    const yank = owner.chain("laptop", { type: "yank", ...demo, reason: "leaks" });
    const change = applyOperations(nothingOf(owner), owner.operations);
    expect(change.state.withoutEffect.has(yank.id)).toBe(true);
    expect(idsOf(change.inserted)).toContain(yank.id);
    expect(events(change)).toEqual([]);
  });
});
