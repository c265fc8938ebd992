import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { fromHex, isGgenError, type PackageUpdate, sealOperation, type SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { publisherWithKey, TestPublisher } from "../publisher-fixture.ts";
import { strangers } from "../strangers.ts";
import { testCatalog, testClock, testFolder } from "./folder.ts";

const via = { via: "sync", peer: "peer" } as const;
const inMemory = (): Catalog => testCatalog({ path: ":memory:" });
const envelopesOf = (operations: readonly SignedOperation[]): Uint8Array[] =>
  operations.map(({ envelope }) => envelope);
const idsOf = (operations: readonly SignedOperation[]): string[] => operations.map(({ id }) => id);

/** An envelope with another signature: the last bytes of one are those of its last signature. */
function forged({ envelope }: SignedOperation): Uint8Array {
  return Uint8Array.from(envelope, (byte, at) => (at === envelope.length - 1 ? byte ^ 1 : byte));
}

describe("signatures", () => {
  const codes = (report: Awaited<ReturnType<Catalog["accept"]>>): unknown[] =>
    report.rejected.map(({ index, error }) => [index, isGgenError(error) ? error.code : error]);

  it("are judged each by itself, whatever comes beside them, and refusals come in the order of what came", async () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2, threshold: 2 });
    const grant = owner.grant("laptop", { signers: owner.rotation });
    const release = owner.release("laptop");
    const other = publisherWithKey("other");
    const catalog = inMemory();
    const given = [
      owner.genesis.envelope,
      forged(grant),
      new Uint8Array(9),
      grant.envelope,
      forged(release),
      release.envelope,
    ];
    const report = await catalog.accept([...given, ...envelopesOf(other.operations), Uint8Array.of(0xa0)], via);
    expect(report.accepted).toEqual([...idsOf(owner.operations), ...idsOf(other.operations)]);
    expect(codes(report)).toEqual([
      [1, "record.bad-signature"],
      [2, "record.invalid"],
      [4, "record.bad-signature"],
      [8, "record.invalid"],
    ]);
    // Of an operation that is here as well, also beside one that is whole.
    expect(codes(await catalog.accept([grant.envelope, forged(grant), forged(release)], via))).toEqual([
      [1, "record.bad-signature"],
      [2, "record.bad-signature"],
    ]);
    expect(catalog.envelopes([grant.id, release.id])).toEqual(
      envelopesOf([grant, release]).map((each) => Uint8Array.from(each)),
    );
  });

  it("of one of two signers do not stand for the other's", async () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2, threshold: 2 });
    const [first, second] = owner.rotation;
    if (first === undefined || second === undefined) throw new Error("two rotation keys");
    const whole = owner.grant("laptop", { signers: [first, second] });
    // Whichever comes first in the envelope, one of the two is forged.
    const [low, high] = whole.signatures.map(({ signature }) => Buffer.from(signature));
    for (const signature of [low, high]) {
      const bytes = Buffer.from(whole.envelope);
      const at = bytes.indexOf(signature ?? "");
      bytes[at + 40] = (bytes[at + 40] ?? 0) ^ 1;
      const catalog = inMemory();
      const report = await catalog.accept([owner.genesis.envelope, bytes], via);
      expect(codes(report)).toEqual([[1, "record.bad-signature"]]);
      expect(catalog.has(whole.id)).toBe(false);
    }
  });

  it("are united when copies bring different ones", async () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2 });
    const whole = owner.grant("laptop", { signers: owner.rotation });
    const [one, other] = owner.rotation.map((signer) => sealOperation(whole.operation, [signer]));
    if (one === undefined || other === undefined) throw new Error("two copies");
    const catalog = inMemory();
    await catalog.accept(envelopesOf([owner.genesis, one]), via);
    expect(await catalog.accept([other.envelope], via)).toMatchObject({ accepted: [whole.id], known: [] });
    expect(catalog.envelopes([whole.id])).toEqual([Uint8Array.from(whole.envelope)]);
    for (const copy of [one, other, whole]) {
      expect(await catalog.accept([copy.envelope], via)).toMatchObject({ accepted: [], known: [whole.id] });
    }
  });
});

describe("what waits for its parents", () => {
  it("is known when it comes again, is no part of the set, and waits no more once they are here", async () => {
    const path = join(testFolder(), "catalog.db");
    const catalog = testCatalog({ path });
    const waiting = (): number => {
      const db = new DatabaseSync(path, { readOnly: true });
      const count = Number(db.prepare("SELECT count(*) AS count FROM waiting").get()?.["count"]);
      db.close();
      return count;
    };
    const owner = publisherWithKey("owner");
    const release = owner.release("laptop");
    expect(await catalog.accept([release.envelope], via)).toMatchObject({ accepted: [release.id] });
    expect(await catalog.accept([release.envelope], via)).toMatchObject({ accepted: [], known: [release.id] });
    expect([waiting(), catalog.has(release.id), catalog.counts().operations]).toEqual([1, false, 0]);
    const told: string[] = [];
    catalog.subscribe(({ operation }) => told.push(operation));
    await catalog.accept(envelopesOf(owner.operations.slice(0, 2)), via);
    expect([waiting(), catalog.has(release.id), catalog.counts().operations]).toEqual([0, true, 3]);
    expect(told).toEqual([release.id]);
  });
});

describe("subscribers and lists", () => {
  it("have what was released, whether it only follows or not", async () => {
    const owner = publisherWithKey("owner");
    const first = owner.release("laptop", { id: "IO.example.demo" });
    const catalog = inMemory();
    const told: PackageUpdate[] = [];
    catalog.subscribe((update) => told.push(update));
    await catalog.accept(envelopesOf(owner.operations), { via: "gossip" });
    const second = owner.release("laptop", { id: "io.example.demo", version: "1.1.0" });
    await catalog.accept([second.envelope], via);
    const { publisher } = owner;
    expect(told).toEqual([
      { type: "release", id: "IO.example.demo", version: "1.0.0", publisher, operation: first.id, via: "gossip" },
      { type: "release", id: "io.example.demo", version: "1.1.0", publisher, operation: second.id, via: "sync" },
    ]);
    expect(catalog.packagesOf(publisher).map(({ version }) => version)).toEqual(["1.1.0"]);
    expect(catalog.firstSeen(second.id)).toMatchObject({ via: "sync", peer: "peer" });
    const own = owner.release("laptop", { version: "1.2.0" });
    await catalog.accept([own.envelope], { via: "local" });
    expect(catalog.packagesOf(publisher).map(({ version }) => version)).toEqual(["1.2.0"]);
  });

  it("forget a fork that is settled", async () => {
    const owner = new TestPublisher("owner", { rotationKeys: 2 });
    const [high, low] = owner.rotation;
    if (high === undefined || low === undefined) throw new Error("two rotation keys");
    const [one, other] = ["laptop", "thief"].map((name) =>
      owner.grant(name, { prev: owner.genesis.id, signers: [low] }),
    );
    const catalog = inMemory();
    await catalog.accept(envelopesOf(owner.operations), via);
    expect(catalog.contested?.()).toEqual([one?.id ?? "", other?.id ?? ""].toSorted());
    await catalog.accept(envelopesOf([publisherWithKey("somebody").genesis]), via);
    expect(catalog.contested?.()).toHaveLength(2);
  });
});

describe("a catalogue that is full", () => {
  const allOf = (publishers: readonly TestPublisher[]): SignedOperation[] =>
    publishers.flatMap(({ operations }) => operations);

  it("lets strangers go whole, and forgets all that it knew of them", async () => {
    const path = join(testFolder(), "catalog.db");
    let nowMs = testClock.now();
    const clock = { ...testClock, now: () => nowMs };
    const [before, flood] = [strangers("before", 4), strangers("flood", 40)];
    const first = openCatalog({ path, clock });
    await first.accept(envelopesOf(allOf(before)), { via: "sync", peer: "honest" });
    await first.close();
    const db = new DatabaseSync(path);
    const read = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
    const used = (read("page_count") - read("freelist_count")) * read("page_size");
    db.close();

    nowMs += 8 * 24 * 3_600_000;
    const catalog = testCatalog({ path, clock, maxBytes: Math.ceil(used / 0.5) });
    const everyone = [...before, ...flood];
    const came = new Set<TestPublisher>();
    for (let at = 0; at < flood.length; at += 10) {
      await catalog.accept(envelopesOf(allOf(flood.slice(at, at + 10))), { via: "sync", peer: "flooder" });
      for (const one of everyone) if (catalog.has(one.genesis.id)) came.add(one);
    }
    const gone = everyone.filter((one) => came.has(one) && !catalog.has(one.genesis.id));
    expect(catalog.evictions().publishers).toBeGreaterThan(0);
    expect(gone.length).toBeGreaterThan(0);
    const held = allOf(everyone).filter(({ id }) => catalog.has(id));
    const index = catalog.reconcileIndex();
    expect(held.length).toBeGreaterThan(0);
    expect(index.size).toBe(held.length);
    for (const { id, operation } of held) {
      expect(Buffer.from(index.at(index.lowerBound(operation.time, fromHex(id))).id).toString("hex")).toBe(id);
    }
    expect(catalog.counts()).toMatchObject({ operations: held.length, publishers: held.length / 3 });
    for (const { publisher } of gone) expect(catalog.publisherState(publisher)?.known ?? false).toBe(false);
    const again = await catalog.accept(envelopesOf(allOf(gone.slice(0, 2))), { via: "sync", peer: "another" });
    expect(again).toMatchObject({ accepted: [], known: [] });
    expect((await catalog.verify()).damaged).toEqual([]);
  });
});
