import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Clock, systemClock } from "@ggen/p2p-types";
import { Key, type Pair } from "interface-datastore";
import * as fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";

import { guardDatastore } from "../../src/datastore/provider-quota.ts";
import { openSqliteDatastore } from "../../src/datastore/sqlite-datastore.ts";
import { encodeVarint } from "../../src/wire/varint.ts";

async function all(pairs: AsyncIterable<Pair> | Iterable<Pair>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of pairs) keys.push(key.toString());
  return keys;
}

describe("the SQLite datastore", () => {
  it("behaves as a sorted map does", async () => {
    const key = fc.constantFrom("/a", "/a/b", "/a/b/c", "/ab", "/b", "/b/é", "/c");
    const step = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 8 }), { nil: undefined }) });
    await fc.assert(
      fc.asyncProperty(fc.array(step), key, async (steps, prefix) => {
        const store = openSqliteDatastore(undefined);
        const model = new Map<string, Uint8Array>();
        for (const { key: name, value } of steps) {
          if (value === undefined) {
            await store.delete(new Key(name));
            model.delete(name);
          } else {
            await store.put(new Key(name), value);
            model.set(name, value);
          }
        }
        for (const [name, value] of model) expect(await store.get(new Key(name))).toEqual(value);
        const expected = [...model.keys()].filter((name) => name.startsWith(prefix)).toSorted();
        expect((await all(store.query({ prefix }))).toSorted()).toEqual(expected);
        expect(store.count(prefix)).toBe(expected.length);
        store.close();
      }),
    );
  });

  it("throws NotFoundError, which libp2p tells by its name", () => {
    const store = openSqliteDatastore(undefined);
    expect(() => store.get(new Key("/none"))).toThrow(expect.objectContaining({ name: "NotFoundError" }) as Error);
  });

  it("keeps entries over a restart, and a batch is all or nothing", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ggen-datastore-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "peers.sqlite");
    const first = openSqliteDatastore(path);
    const batch = first.batch();
    batch.put(new Key("/x"), Uint8Array.of(1));
    batch.put(new Key("/y"), Uint8Array.of(2));
    batch.delete(new Key("/y"));
    await batch.commit();
    first.close();
    const second = openSqliteDatastore(path);
    expect(await all(second.query({}))).toEqual(["/x"]);
    second.close();
  });

  it("sets a damaged file aside and begins anew", async () => {
    const folder = await mkdtemp(join(tmpdir(), "ggen-datastore-"));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, "peers.sqlite");
    const spoilt = "this is no database, however long it may be".repeat(100);
    await writeFile(path, spoilt);
    const moved: string[] = [];
    const store = openSqliteDatastore(path, { name: (file) => `${file}.damaged-1`, onMoved: (to) => moved.push(to) });
    expect(moved).toEqual([`${path}.damaged-1`]);
    expect(await readFile(`${path}.damaged-1`, "utf8")).toBe(spoilt);
    expect(store.count("")).toBe(0);
    store.close();
  });
});

describe("the guard of the DHT", () => {
  const quota = { rows: 10, rowsPerPeer: 4, rowsPerKey: 3 };
  const now = { ms: 1_000_000_000 };
  const clock: Clock = { ...systemClock, now: () => now.ms };
  const guard = (store = openSqliteDatastore(undefined)) => ({
    store,
    ...guardDatastore(store, { quota, ownPeerId: "self", ttlMs: 1000, clock }),
  });
  const row = (key: string, peer: string): Key => new Key(`/dht/provider/${key}/${peer}`);
  const time = (ms: number): Uint8Array => {
    const bytes: number[] = [];
    let rest = ms;
    while (rest > 0x7f) {
      bytes.push((rest % 128) | 0x80);
      rest = Math.floor(rest / 128);
    }
    return Uint8Array.from([...bytes, rest]);
  };
  const refused = expect.objectContaining({ code: "network.refused" }) as Error;

  it("refuses value records", () => {
    const { datastore } = guard();
    expect(() => datastore.put(new Key("/dht/record/x"), new Uint8Array())).toThrow(refused);
  });

  it("holds the quota of a peer, of a key and in all, also after a restart", async () => {
    const { datastore, store, providerRows } = guard();
    for (let n = 0; n < 4; n += 1) await datastore.put(row(`key${n}`, "greedy"), encodeVarint(1));
    expect(() => datastore.put(row("key9", "greedy"), encodeVarint(1))).toThrow(refused);
    await datastore.put(row("key0", "greedy"), encodeVarint(2));
    for (const peer of ["p1", "p2"]) await datastore.put(row("key0", peer), encodeVarint(1));
    expect(() => datastore.put(row("key0", "p3"), encodeVarint(1))).toThrow(refused);
    for (let n = 0; n < 4; n += 1) await datastore.put(row(`other${n}`, `q${n}`), encodeVarint(1));
    expect(() => datastore.put(row("last", "q9"), encodeVarint(1))).toThrow(refused);
    expect(providerRows()).toBe(10);
    const again = guard(store);
    expect(() => again.datastore.put(row("last", "q9"), encodeVarint(1))).toThrow(refused);
    await again.datastore.delete(row("other0", "q0"));
    await again.datastore.put(row("last", "q9"), encodeVarint(1));
  });

  it("never refuses records of this node itself", async () => {
    const { datastore } = guard();
    for (let n = 0; n < 30; n += 1) await datastore.put(row(`key${n}`, "self"), encodeVarint(1));
    expect(await all(datastore.query({ prefix: "/dht/provider" }))).toHaveLength(30);
  });

  it("does not serve what has expired, except its own, which is to be renewed", async () => {
    const { datastore } = guard();
    await datastore.put(row("key", "old"), time(now.ms - 2000));
    await datastore.put(row("key", "fresh"), time(now.ms - 500));
    await datastore.put(row("key", "self"), time(now.ms - 2000));
    expect(await all(datastore.query({ prefix: "/dht/provider/key" }))).toEqual([
      "/dht/provider/key/fresh",
      "/dht/provider/key/self",
    ]);
  });
});
