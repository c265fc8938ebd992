import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setImmediate } from "node:timers/promises";

import { openEnvelope, type PackageUpdate } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { openCatalog } from "../../src/index.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog, testClock, testFolder } from "./folder.ts";

/** Envelopes of some publishers with some releases each, in the order of their chains. */
function flood(publishers: number, releases: number): Uint8Array[] {
  const owners = Array.from({ length: publishers }, (_, serial) => publisherWithKey(`owner ${serial}`));
  for (let minor = 0; minor < releases; minor += 1) {
    for (const [serial, owner] of owners.entries()) {
      owner.release("laptop", { id: `io.example.flood${serial}`, version: `1.${minor}.0` });
    }
  }
  return owners.flatMap(({ operations }) => operations.map(({ envelope }) => new Uint8Array(envelope)));
}

const batchesOf = (envelopes: readonly Uint8Array[], size: number): Uint8Array[][] =>
  Array.from({ length: Math.ceil(envelopes.length / size) }, (_, place) =>
    envelopes.slice(place * size, (place + 1) * size),
  );

describe("many batches at once", () => {
  it("are stored in order, all of them, and found by search in the end", async () => {
    const envelopes = flood(4, 20);
    const catalog = testCatalog();
    const updates: PackageUpdate[] = [];
    catalog.subscribe((update) => updates.push(update));
    const reports = await Promise.all(batchesOf(envelopes, 9).map((batch) => catalog.accept(batch, { via: "sync" })));
    expect(reports.flatMap(({ accepted }) => accepted)).toHaveLength(envelopes.length);
    expect(reports.flatMap(({ deferred, rejected }) => [...deferred, ...rejected])).toEqual([]);
    expect(updates).toHaveLength(80);
    await expect.poll(() => catalog.packagesOf(updates[0]?.publisher ?? "")[0]?.version).toBe("1.19.0");

    const slow = testCatalog();
    for (const envelope of envelopes.toReversed()) await slow.accept([envelope], { via: "sync" });
    expect(catalog.fingerprint()).toBe(slow.fingerprint());
    await expect.poll(() => catalog.counts()).toEqual(slow.counts());
    for (const { publisher } of updates.slice(-4)) {
      expect(catalog.packagesOf(publisher)).toEqual(slow.packagesOf(publisher));
      expect(catalog.publisherState(publisher)?.signingKeys).toEqual(slow.publisherState(publisher)?.signingKeys);
    }
    expect((await catalog.search({ text: "flood3" })).total).toBe(1);
  });

  it("wrongly signed ones among them are rejected, each at its place, and nothing else", async () => {
    const envelopes = flood(2, 60);
    const bad = new Set([7, 30, 119]);
    for (const place of bad) {
      const forged = envelopes[place] ?? new Uint8Array();
      forged[forged.byteLength - 1] = (forged.at(-1) ?? 0) ^ 1;
    }
    const catalog = testCatalog();
    const report = await catalog.accept(envelopes, { via: "sync" });
    expect(report.rejected.map(({ index }) => index)).toEqual([...bad]);
    expect(report.accepted).toHaveLength(envelopes.length - bad.size);
  });

  it("a batch that is refused by the disk takes back nothing that was promised, and the next one works", async () => {
    const [first = [], second = []] = batchesOf(flood(1, 100), 51);
    const catalog = testCatalog();
    await catalog.accept(first, { via: "sync" });
    const before = catalog.fingerprint();
    await expect(catalog.accept(second, { via: "sync", firstSeenMs: 0.5 })).rejects.toThrow(/REAL/);
    expect(catalog.fingerprint()).toBe(before);
    const { accepted } = await catalog.accept(second, { via: "sync" });
    expect(accepted).toHaveLength(second.length);
    expect(catalog.nextLink(publisherIn(second), keyIn(second)).seq).toBe(101);
  });

  it("what the user decides meanwhile is durable at once", async () => {
    const envelopes = flood(1, 150);
    const path = join(testFolder(), "catalog.db");
    const catalog = testCatalog({ path });
    await catalog.accept(envelopes.slice(0, 2), { via: "sync" });
    const stored = catalog.accept(envelopes.slice(2), { via: "sync" });
    const reader = openCatalog({ path, clock: testClock, readOnly: true });
    // From the first operations on until all are stored.
    const publisher = publisherIn(envelopes);
    let decisions = 0;
    for (let done = false; !done; decisions += 1) {
      catalog.setMeta("decision", String(decisions));
      expect(reader.meta("decision")).toBe(String(decisions));
      done = await Promise.race([stored.then(() => true), setImmediate(false)]);
    }
    await reader.close();
    expect((await stored).accepted).toHaveLength(150);
    expect(catalog.packagesOf(publisher)[0]?.version).toBe("1.149.0");
  });

  it("what was stored and not listed is listed after the next start", async () => {
    const envelopes = flood(2, 20);
    const path = join(testFolder(), "catalog.db");
    const first = openCatalog({ path, clock: testClock });
    await first.accept(envelopes, { via: "sync" });
    const { packages } = first.counts();
    await first.close();
    const db = new DatabaseSync(path);
    db.exec("DELETE FROM listings; DELETE FROM listing_tags; DELETE FROM listing_words;");
    db.exec("UPDATE meta SET value = '0' WHERE key = 'listed'");
    db.close();
    const second = testCatalog({ path });
    await expect.poll(() => second.counts().packages).toBe(packages);
    expect(second.packagesOf(publisherIn(envelopes))[0]?.version).toBe("1.19.0");
  });
});

function releaseIn(envelopes: readonly Uint8Array[]): { readonly publisher: string; readonly key: string } {
  const { operation } = openEnvelope(envelopes.at(-1) ?? new Uint8Array());
  if (operation.type !== "release") throw new Error("the last one is no release");
  return operation;
}
const publisherIn = (envelopes: readonly Uint8Array[]): string => releaseIn(envelopes).publisher;
const keyIn = (envelopes: readonly Uint8Array[]): string => releaseIn(envelopes).key;
