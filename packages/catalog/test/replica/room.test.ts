import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";
import { testCatalog, testClock, testFolder } from "./folder.ts";

const envelopesOf = ({ operations }: TestPublisher): Uint8Array[] => operations.map(({ envelope }) => envelope);

/** A catalogue with own operations, which nothing displaces, of whose cap so much is used. */
async function used(part: number): Promise<Catalog> {
  const path = join(testFolder(), "catalog.db");
  const own = publisherWithKey("own");
  for (let minor = 0; minor < 5; minor++) own.release("laptop", { version: `1.${minor}.0` });
  const catalog = openCatalog({ path, clock: testClock });
  await catalog.accept(envelopesOf(own), { via: "local" });
  await catalog.close();
  const db = new DatabaseSync(path);
  const read = (name: string): number => Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
  const bytes = (read("page_count") - read("freelist_count")) * read("page_size");
  db.close();
  return testCatalog({ path, maxBytes: Math.ceil(bytes / part) });
}

const somebody = publisherWithKey("somebody");
const via = { via: "sync", peer: "peer" } as const;

it("from 85 % of the cap no strangers come in, but who is asked for or trusted does", async () => {
  const full = await used(0.87);
  expect(await full.accept(envelopesOf(somebody), via)).toMatchObject({ accepted: [], deferred: { length: 2 } });
  expect(await full.accept(envelopesOf(somebody), { ...via, asked: true })).toMatchObject({ accepted: { length: 2 } });
  const friend = publisherWithKey("friend");
  full.setTrust(friend.publisher, { trusted: true });
  expect(await full.accept(envelopesOf(friend), via)).toMatchObject({ accepted: { length: 2 }, deferred: [] });
});

it("from 90 % nobody else's do, and own ones at any time", async () => {
  const full = await used(0.95);
  const friend = publisherWithKey("friend");
  full.setTrust(friend.publisher, { trusted: true });
  for (const [publisher, asked] of [
    [friend, false],
    [somebody, true],
  ] as const) {
    expect(await full.accept(envelopesOf(publisher), { ...via, asked })).toMatchObject({
      accepted: [],
      known: [],
      deferred: { length: 2 },
    });
  }
  const mine = publisherWithKey("mine");
  expect(await full.accept(envelopesOf(mine), { via: "local" })).toMatchObject({ accepted: { length: 2 } });
  // Not even these before their time.
  const early = publisherWithKey("early");
  early.grant("desktop", { time: start + 3600 + 601 });
  expect((await full.accept(envelopesOf(early), { via: "local" })).deferred).toHaveLength(1);
});

it("what has come before says when, but not a time that is still to come", async () => {
  const catalog = testCatalog();
  const now = testClock.now();
  const [before, later] = [publisherWithKey("before"), publisherWithKey("later")];
  await catalog.accept(envelopesOf(before), { ...via, firstSeenMs: now - 5 });
  await catalog.accept(envelopesOf(later), { ...via, firstSeenMs: now + 5 });
  expect(catalog.firstSeen(before.genesis.id)).toEqual({ atMs: now - 5, via: "sync", peer: "peer" });
  expect(catalog.firstSeen(later.genesis.id)?.atMs).toBe(now);
});

it("what comes twice at once is told once: accepted, known or deferred", async () => {
  const catalog = testCatalog();
  const owner = publisherWithKey("owner");
  const release = owner.release("laptop");
  const ids = owner.operations.map(({ id }) => id);
  const twice = [...envelopesOf(owner), ...envelopesOf(owner)];
  expect(await catalog.accept(twice, via)).toEqual({ accepted: ids, known: [], deferred: [], rejected: [] });
  const next = owner.release("laptop", { version: "1.1.0" });
  const updates: string[] = [];
  catalog.subscribe(({ operation }) => updates.push(operation));
  expect(await catalog.accept([next.envelope, release.envelope, next.envelope], via)).toEqual({
    accepted: [next.id],
    known: [release.id],
    deferred: [],
    rejected: [],
  });
  expect(updates).toEqual([next.id]);
});
