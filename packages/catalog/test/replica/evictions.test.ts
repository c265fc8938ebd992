import { statSync } from "node:fs";
import { join } from "node:path";

import { type Clock, fromHex, type SignedOperation } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import type { Catalog } from "../../src/index.ts";
import { publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";
import { noise } from "../strangers.ts";
import { testCatalog, testClock, testFolder } from "./folder.ts";

const maxBytes = 1_000_000;
const perBatch = 120;

function envelopesOf(publishers: readonly TestPublisher[]): Uint8Array[] {
  return publishers.flatMap(({ operations }) => operations.map(({ envelope }) => new Uint8Array(envelope)));
}

/** A clock that is a millisecond later whenever it is asked: what comes later was seen later. */
function tickingClock(): Clock & { nowMs: number } {
  const clock = { ...testClock, nowMs: (start + 3600) * 1000, now: () => (clock.nowMs += 1) };
  return clock;
}

/** Publishers that each released one package, of about 1 kB. */
function publishers(name: string, count: number): TestPublisher[] {
  return Array.from({ length: count }, (_, place) => {
    const made = publisherWithKey(`${name} ${place}`);
    made.release("laptop", {
      id: `io.example.${name}-${place}`,
      manifest: { title: `Made by ${name}`, description: `${name} ${noise(`${name} ${place}`, 8)}` },
    });
    return made;
  });
}

async function give(catalog: Catalog, list: readonly TestPublisher[], peer: string): Promise<void> {
  const envelopes = envelopesOf(list);
  for (let from = 0; from < envelopes.length; from += perBatch) {
    await catalog.accept(envelopes.slice(from, from + perBatch), { via: "sync", peer });
  }
}

const isThere = (catalog: Catalog, { genesis }: TestPublisher): boolean => catalog.has(genesis.id);

async function found(catalog: Catalog, text: string): Promise<number> {
  return (await catalog.search({ text, limit: 100 })).results.length;
}

/** Whether the index holds exactly what is stored. */
function isIndexWhole(catalog: Catalog, operations: readonly SignedOperation[]): boolean {
  const index = catalog.reconcileIndex();
  const held = operations.filter(({ id }) => catalog.has(id));
  return (
    index.size === held.length &&
    held.every(({ id, operation }) => {
      const rank = index.lowerBound(operation.time, fromHex(id));
      return Buffer.compare(index.at(rank).id, fromHex(id)) === 0;
    })
  );
}

describe("a flood of strangers", () => {
  it("stays under the cap, and leaves who was there, who is known and what other peers bring", async () => {
    const clock = tickingClock();
    const path = join(testFolder(), "catalog.db");
    const catalog = testCatalog({ path, maxBytes, clock });
    const [own] = publishers("own", 1);
    const [trusted] = publishers("trusted", 1);
    const [pinned] = publishers("pinned", 1);
    if (own === undefined || trusted === undefined || pinned === undefined) throw new Error("none");
    catalog.setTrust(trusted.publisher, { trusted: true });
    await catalog.accept(envelopesOf([own]), { via: "local" });
    const early = publishers("early", 30);
    await give(catalog, early, "honest");
    const flood = publishers("flood", 450);
    await give(catalog, flood.slice(0, 50), "flooder");
    // From the flooder itself, and the last before strangers have to go: only that they are known can save them.
    await give(catalog, [pinned, trusted], "flooder");
    catalog.pinOwner("io.example.pinned-0", pinned.publisher);
    const pins: TestPublisher[] = [];
    for (let place = 50; place < 250; place += 10) {
      const some = flood.slice(place, place + 10);
      await give(catalog, some, "flooder");
      const last = some.at(-1);
      if (last === undefined || !isThere(catalog, last)) continue;
      catalog.pinOwner(`io.example.flood-${place + 9}`, last.publisher);
      pins.push(last);
    }
    const late = publishers("late", 30);
    await give(catalog, late, "other");
    clock.nowMs += 11 * 60_000;
    await give(catalog, flood.slice(250), "flooder");
    trusted.release("laptop", { id: "io.example.trusted-news" });
    await give(catalog, [trusted], "flooder");

    const kept = [own, trusted, pinned, ...early, ...late];
    expect(pins.length).toBeGreaterThan(5);
    expect(pins.filter((each) => !isThere(catalog, each))).toEqual([]);
    expect(kept.filter((each) => !isThere(catalog, each))).toEqual([]);
    expect(catalog.entry("io.example.trusted-news")).toBeDefined();
    expect(await found(catalog, "early")).toBe(30);
    expect(await found(catalog, "late")).toBe(30);
    expect(catalog.evictions().publishers).toBeGreaterThan(20);
    const held = flood.filter((each) => isThere(catalog, each));
    expect(held.length).toBeLessThan(450);
    // Whole publishers: nothing of one that went is left.
    const gone = flood.filter((each) => !isThere(catalog, each));
    expect(gone.flatMap(({ operations }) => operations).filter(({ id }) => catalog.has(id))).toEqual([]);
    expect(gone.filter(({ publisher }) => catalog.packagesOf(publisher).length > 0)).toEqual([]);
    expect(
      isIndexWhole(
        catalog,
        [...kept, ...flood].flatMap(({ operations }) => operations),
      ),
    ).toBe(true);
    expect((await catalog.verify()).damaged).toEqual([]);

    const fingerprint = catalog.fingerprint();
    const counts = catalog.counts();
    expect(counts.publishers).toBe(kept.length + held.length);
    await catalog.close();
    expect(statSync(path).size).toBeLessThan(maxBytes);
    const again = testCatalog({ path, maxBytes });
    expect([again.fingerprint(), again.counts()]).toEqual([fingerprint, counts]);
    expect(again.evictions().publishers).toBeGreaterThan(20);
  });
});

it("what known publishers send is deferred, too, where nobody is left who could go", async () => {
  const path = join(testFolder(), "catalog.db");
  const cap = 500_000;
  const catalog = testCatalog({ path, maxBytes: cap });
  const trusted = publisherWithKey("trusted");
  for (let minor = 0; minor < 360; minor += 1) {
    trusted.release("laptop", { version: `1.${minor}.0`, manifest: { description: noise(String(minor), 8) } });
  }
  catalog.setTrust(trusted.publisher, { trusted: true });
  await give(catalog, [trusted], "friend");
  const { operations } = catalog.counts();
  expect(operations).toBeGreaterThan(100);
  expect(operations).toBeLessThan(360);
  expect(catalog.evictions().publishers).toBe(0);
  await catalog.close();
  expect(statSync(path).size).toBeLessThan(cap);
});
