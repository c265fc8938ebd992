import { isGgenError, type PackageUpdate, sealOperation, type SignedOperation } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { keyOf, publisherWithKey, start, TestPublisher } from "../publisher-fixture.ts";
import { history, shuffled } from "../rules/history.ts";
import { testCatalog, testClock } from "./folder.ts";

const envelopesOf = (operations: readonly SignedOperation[]): Uint8Array[] =>
  operations.map(({ envelope }) => new Uint8Array(envelope));
const idsOf = (operations: readonly SignedOperation[]): string[] => operations.map(({ id }) => id);

describe("accept", () => {
  it("stores a publisher's operations, and knows them the second time", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    owner.release("laptop");
    const envelopes = envelopesOf(owner.operations);
    const first = await catalog.accept(envelopes, { via: "sync", peer: "12D3" });
    expect(first).toEqual({ accepted: idsOf(owner.operations), known: [], deferred: [], rejected: [] });
    const fingerprint = catalog.fingerprint();
    const second = await catalog.accept([...envelopes, ...envelopes], { via: "gossip" });
    expect(second.known).toHaveLength(6);
    expect(second.accepted).toEqual([]);
    expect(catalog.fingerprint()).toBe(fingerprint);
    expect(catalog.counts()).toEqual({ operations: 3, packages: 1, publishers: 1 });
    expect(catalog.envelopes([...idsOf(owner.operations), "00".repeat(32)])).toEqual(envelopes);
    expect(catalog.idsOf({ package: "IO.example.demo" }, 10)).toEqual([owner.operations[2]?.id]);
    expect(catalog.idsOf({ publisher: owner.publisher }, 2)).toHaveLength(2);
    expect(catalog.firstSeen(owner.genesis.id)).toEqual({ atMs: (start + 3600) * 1000, via: "sync", peer: "12D3" });
    expect(catalog.reconcileIndex().size).toBe(3);
  });

  it("ends in the same state whatever the order, the batches and the repetitions", async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.infiniteStream(fc.nat()),
        fc.integer({ min: 1, max: 7 }),
        async (publisher, numbers, size) => {
          const straight = testCatalog();
          await straight.accept(envelopesOf(publisher.operations), { via: "local" });
          const catalog = testCatalog();
          const order = shuffled([...publisher.operations, ...publisher.operations.slice(0, 4)], numbers);
          for (let from = 0; from < order.length; from += size) {
            const report = await catalog.accept(envelopesOf(order.slice(from, from + size)), { via: "sync" });
            expect(report.rejected).toEqual([]);
          }
          expect(catalog.fingerprint()).toBe(straight.fingerprint());
          expect(catalog.publisherState(publisher.publisher)).toEqual(straight.publisherState(publisher.publisher));
          for (const id of ["io.example.demo", "other"]) expect(catalog.entry(id)).toEqual(straight.entry(id));
          expect(catalog.packagesOf(publisher.publisher)).toEqual(straight.packagesOf(publisher.publisher));
          expect(catalog.counts()).toEqual(straight.counts());
        },
      ),
      { numRuns: 12 },
    );
  });

  it("keeps what comes before its parents, outside of the reconciled set, and lets it in when they come", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    const [genesis, grant] = owner.operations;
    if (genesis === undefined || grant === undefined) throw new Error("no operations");
    const updates: PackageUpdate[] = [];
    const unsubscribe = catalog.subscribe((update) => updates.push(update));

    expect((await catalog.accept([release.envelope], { via: "gossip" })).accepted).toEqual([release.id]);
    expect((await catalog.accept([release.envelope], { via: "gossip" })).known).toEqual([release.id]);
    expect(catalog.has(release.id)).toBe(false);
    expect(catalog.counts().operations).toBe(0);
    expect(catalog.entry("io.example.demo")).toBeUndefined();

    await catalog.accept([grant.envelope], { via: "gossip" });
    expect(updates).toEqual([]);
    await catalog.accept([genesis.envelope], { via: "fetch" });
    expect(catalog.has(release.id)).toBe(true);
    expect(updates).toEqual([
      {
        type: "release",
        id: "io.example.demo",
        version: "1.0.0",
        publisher: owner.publisher,
        operation: release.id,
        via: "fetch",
      },
    ]);
    unsubscribe();
    await catalog.accept([owner.release("laptop", { version: "2.0.0" }).envelope], { via: "gossip" });
    expect(updates).toHaveLength(1);
  });

  it("tells subscribers of yanks and unyanks, and shows them", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    await catalog.accept(envelopesOf(owner.operations), { via: "local" });
    const types: string[] = [];
    catalog.subscribe(({ type }) => types.push(type));
    const version = { id: "io.example.demo", version: "1.0.0" };
    const yank = owner.chain("laptop", { type: "yank", ...version, reason: "leaks" });
    await catalog.accept([yank.envelope], { via: "local" });
    expect(catalog.release(release.id)?.yanked).toEqual({ reason: "leaks" });
    expect((await catalog.search({ text: "demo" })).total).toBe(0);
    expect(catalog.entry("io.example.demo")?.claimants[0]?.releases).toHaveLength(1);
    await catalog.accept([owner.chain("laptop", { type: "unyank", ...version }).envelope], { via: "local" });
    expect(catalog.release(release.id)).not.toHaveProperty("yanked");
    expect((await catalog.search({ text: "demo" })).total).toBe(1);
    expect(types).toEqual(["yank", "unyank"]);
  });

  it("gives the next link of a chain and the head of the authority", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    const { key } = keyOf("laptop");
    expect(catalog.nextLink(owner.publisher, key)).toEqual({ seq: 1, prev: null });
    expect(catalog.authorityHead(owner.publisher)).toBeUndefined();
    expect(catalog.publisherState(owner.publisher)).toBeUndefined();
    const release = owner.release("laptop");
    await catalog.accept(envelopesOf(owner.operations), { via: "local" });
    expect(catalog.nextLink(owner.publisher, key)).toEqual({ seq: 2, prev: release.id });
    expect(catalog.authorityHead(owner.publisher)).toBe(owner.authorityHead);
  });

  it("defers what is over ten minutes ahead, and takes it later", async () => {
    let now = (start - 601) * 1000;
    const catalog = testCatalog({ clock: { ...testClock, now: () => now } });
    const owner = publisherWithKey("owner");
    expect((await catalog.accept([owner.genesis.envelope], { via: "gossip" })).deferred).toEqual([owner.genesis.id]);
    now += 1000;
    expect((await catalog.accept([owner.genesis.envelope], { via: "gossip" })).accepted).toEqual([owner.genesis.id]);
  });

  it("defers what others send when the database is full, but stores what is its own", async () => {
    const catalog = testCatalog({ maxBytes: 1 });
    const owner = publisherWithKey("owner");
    expect((await catalog.accept(envelopesOf(owner.operations), { via: "sync" })).deferred).toHaveLength(2);
    expect((await catalog.accept(envelopesOf(owner.operations), { via: "local" })).accepted).toHaveLength(2);
  });

  it("takes calls that overlap one after another", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    for (let minor = 0; minor < 40; minor++) owner.release("laptop", { version: `1.${minor}.0` });
    const envelopes = envelopesOf(owner.operations);
    const reports = await Promise.all(
      envelopes.map((_, from) => catalog.accept(envelopes.slice(from, from + 3), { via: "sync" })),
    );
    expect(reports.reduce((sum, { accepted }) => sum + accepted.length, 0)).toBe(envelopes.length);
    expect(catalog.entry("io.example.demo")?.claimants[0]?.releases).toHaveLength(40);
  });
});

describe("attacks", () => {
  it("forged signer: a release that another key signed is rejected", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    await catalog.accept(envelopesOf(owner.operations), { via: "local" });
    const forged = owner.chain(
      "laptop",
      { type: "yank", id: "io.example.demo", version: "1.0.0", reason: "" },
      null,
      keyOf("thief"),
    );
    const { rejected } = await catalog.accept([forged.envelope], { via: "gossip" });
    expect(rejected.map(({ index, error }) => [index, isGgenError(error, "record.bad-signature")])).toEqual([
      [0, true],
    ]);
    expect(catalog.has(forged.id)).toBe(false);
  });

  it("one bit changed anywhere in an envelope is rejected", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    const { envelope } = owner.release("laptop");
    await catalog.accept(envelopesOf(owner.operations.slice(0, 2)), { via: "local" });
    const changed = Array.from({ length: envelope.byteLength }, (_, place) => {
      const copy = envelope.slice();
      copy[place] = (copy[place] ?? 0) ^ (1 << (place % 8));
      return copy;
    });
    const report = await catalog.accept(changed, { via: "gossip" });
    expect(report.rejected).toHaveLength(changed.length);
    expect(catalog.counts().operations).toBe(2);
  });

  it("a bad envelope does not keep the good ones beside it out", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    const report = await catalog.accept(
      [new Uint8Array(17_000), owner.genesis.envelope, Uint8Array.of(0xa0), new Uint8Array(0)],
      { via: "sync" },
    );
    expect(report.accepted).toEqual([owner.genesis.id]);
    expect(report.rejected.map(({ index }) => index)).toEqual([0, 2, 3]);
  });

  it("any bytes are rejected and nothing else happens", async () => {
    const catalog = testCatalog();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 5 }), async (envelopes) => {
        const report = await catalog.accept(envelopes, { via: "gossip" });
        expect(report.rejected).toHaveLength(envelopes.length);
      }),
      { numRuns: 50 },
    );
    expect(catalog.counts().operations).toBe(0);
  });

  it("stripped signature: a copy with too few signatures does not take the place of the whole one", async () => {
    const catalog = testCatalog();
    const owner = new TestPublisher("owner", { rotationKeys: 2, threshold: 2 });
    const grant = owner.grant("laptop", { signers: owner.rotation });
    const stripped = sealOperation(grant.operation, owner.rotation.slice(0, 1));
    expect(stripped.id).toBe(grant.id);
    // Before its parent is here nobody can tell; after it, the copy is not kept.
    await catalog.accept([stripped.envelope], { via: "gossip" });
    await catalog.accept([owner.genesis.envelope], { via: "gossip" });
    expect(catalog.has(grant.id)).toBe(false);
    expect((await catalog.accept([stripped.envelope], { via: "gossip" })).deferred).toEqual([grant.id]);
    expect((await catalog.accept([grant.envelope], { via: "gossip" })).accepted).toEqual([grant.id]);
    expect(catalog.envelopes([grant.id])).toEqual(envelopesOf([grant]));
    await catalog.accept([stripped.envelope], { via: "gossip" });
    expect(catalog.envelopes([grant.id])).toEqual(envelopesOf([grant]));
  });

  it("padded signature: a stranger's signature beside the owner's is not passed on", async () => {
    const catalog = testCatalog();
    const owner = new TestPublisher("owner");
    const grant = owner.grant("laptop");
    const padded = sealOperation(grant.operation, [...owner.rotation, keyOf("stranger")]);
    await catalog.accept([owner.genesis.envelope, padded.envelope], { via: "gossip" });
    expect(catalog.envelopes([grant.id])).toEqual(envelopesOf([grant]));
  });

  it("id collision by case: two publishers' spellings are one disputed id", async () => {
    const catalog = testCatalog();
    const [owner, squatter] = [publisherWithKey("owner"), publisherWithKey("squatter")];
    owner.release("laptop", { id: "io.example.demo" });
    squatter.release("laptop", { id: "IO.EXAMPLE.DEMO" });
    await catalog.accept(envelopesOf([...owner.operations, ...squatter.operations]), { via: "sync" });
    const claimants = [owner.publisher, squatter.publisher].toSorted();
    expect(catalog.entry("Io.Example.Demo")?.claimants.map(({ publisher }) => publisher)).toEqual(claimants);
    const page = await catalog.search({ text: "io.example.demo" });
    expect(page.total).toBe(1);
    expect(page.results[0]?.claimants.toSorted()).toEqual(claimants);
    catalog.pinOwner("IO.example.demo", squatter.publisher);
    expect((await catalog.search({ text: "demo" })).results[0]?.package.publisher).toBe(squatter.publisher);
  });

  it("equivocation: both releases are shown as conflicted, and neither is found", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("owner");
    owner.release("laptop", { content: "one" });
    owner.release("laptop", { content: "two" }, null);
    await catalog.accept(envelopesOf(owner.operations), { via: "sync" });
    const releases = catalog.entry("io.example.demo")?.claimants[0]?.releases ?? [];
    expect(releases.map(({ conflicted }) => conflicted)).toEqual([true, true]);
    expect((await catalog.search({})).total).toBe(0);
    expect(catalog.packagesOf(owner.publisher)).toEqual([]);
  });
});
