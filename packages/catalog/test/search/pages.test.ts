import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Query, SearchSort } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { decodeCursor, encodeCursor } from "../../src/search/cursor.ts";
import type { Place } from "../../src/search/search-request.ts";
import { publisherWithKey, start, type TestPublisher } from "../publisher-fixture.ts";
import { testCatalog, testClock } from "../replica/folder.ts";
import { fill } from "./shelf.ts";

/** All ids of a query, a page after another. @param between - runs before each further page */
async function walk(
  catalog: Catalog,
  query: Query,
  between: (page: number) => Promise<void> = async () => {},
): Promise<string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  for (let count = 1; ; count++) {
    const page = await catalog.search({ ...query, ...(cursor === undefined ? {} : { cursor }) });
    expect(page.position).toBe(ids.length);
    ids.push(...page.results.map((result) => result.package.id));
    if (page.next === null) return ids;
    expect(page.results.length).toBe(query.limit);
    cursor = page.next;
    await between(count);
  }
}

/** 60 packages: all have both words, in places that are worth more or less. */
function shelf(): TestPublisher {
  const owner = publisherWithKey("shelf");
  for (let count = 0; count < 60; count++) {
    const [first, second] = count % 2 === 0 ? ["rust", "parser"] : ["parser", "rust"];
    owner.release("laptop", {
      id: `io.shelf.${first}-${(count * 7) % 60}`,
      time: start + Math.floor(count / 4),
      manifest: { title: `Title ${(count * 11) % 13}`, description: `For ${second}`, category: `c${count % 3}` },
    });
  }
  return owner;
}

const queries: readonly (readonly [string, Query])[] = [
  ["words", { text: "rust parser" }],
  ["one word of all", { text: "rust" }],
  ["a misspelt word", { text: "parsr rust" }],
  ["words by id", { text: "rust parser", sort: "name" }],
  ["words by time", { text: "rust parser", sort: "updated" }],
  ["words in a category", { text: "rust parser", category: "c1" }],
  ["everything", {}],
  ["everything by name", { sort: "name" }],
  ["everything by time", { sort: "updated" }],
  ["a category by time", { category: "c2", sort: "updated" }],
];

describe("a cursor", () => {
  /** For the tests that only read. */
  let shared: Catalog;
  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "ggen-search-pages-"));
    shared = openCatalog({ path: join(folder, "catalog.db"), clock: testClock });
    await fill(shared, shelf());
    return async () => {
      await shared.close();
      rmSync(folder, { recursive: true });
    };
  });

  it.each(queries)("walks through all pages, each package once: %s", async (_, query) => {
    const catalog = shared;
    const all = await walk(catalog, { ...query, limit: 100 });
    expect(new Set(all).size).toBe(all.length);
    expect(all.length).toBeGreaterThanOrEqual(10);
    for (const limit of [7, all.length]) expect(await walk(catalog, { ...query, limit })).toEqual(all);
  });

  it.each(queries.filter(([, { text }]) => text !== undefined))(
    "shows the same pages although packages arrive that fit better and change what words weigh: %s",
    async (_, query) => {
      const catalog = testCatalog();
      await fill(catalog, shelf());
      const before = await walk(catalog, { ...query, limit: 100 });
      const late = publisherWithKey("late");
      const after = await walk(catalog, { ...query, limit: 7 }, async (page) => {
        if (page > 2) return;
        const known = late.operations.length;
        for (let count = 0; count < 30; count++) {
          const manifest = { title: "A rust thing", description: "", category: `c${count % 3}` };
          late.release("laptop", { id: `rust.rust${page}-${count}`, time: start + 99, manifest });
        }
        late.release("laptop", { id: `rust.parser${page}`, time: start + 99, manifest: { title: "Rust parser" } });
        late.release("laptop", {
          id: `rust.parser.parsr${page}`,
          time: start + 99,
          manifest: { title: "Rust parser parsr" },
        });
        await fill(catalog, late, page === 1 ? 0 : known);
      });
      const own = query.sort === undefined ? after : after.filter((id) => id.startsWith("io.shelf"));
      expect(own).toEqual(before);
    },
  );

  it.each<SearchSort>(["relevance", "name", "updated"])(
    "lists everything that was there once, also when more arrives: by %s",
    async (sort) => {
      const catalog = testCatalog();
      await fill(catalog, shelf());
      const late = publisherWithKey("late");
      const ids = await walk(catalog, { sort, limit: 7 }, async (page) => {
        late.release("laptop", { id: `aa${page}`, time: start + 99 });
        if (page < 5) late.release("laptop", { id: `zz${page}`, time: start + 99, manifest: { title: "zz" } });
        await fill(catalog, late, page === 1 ? 0 : late.operations.length - (page < 5 ? 2 : 1));
      });
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.filter((id) => id.startsWith("io.shelf"))).toHaveLength(60);
    },
  );

  it("shows an id with several claimants once", async () => {
    const catalog = testCatalog();
    for (const name of ["owner", "second", "third"]) {
      const publisher = publisherWithKey(name);
      for (let count = 0; count < 12; count++) {
        const time = start + count * name.length;
        publisher.release("laptop", { id: `io.same.p${count}`, time, manifest: { title: `${name} ${count}` } });
      }
      await fill(catalog, publisher);
    }
    for (const query of [{}, { text: "same" }, { category: "none" }] satisfies Query[]) {
      for (const sort of ["relevance", "name", "updated"] as const) {
        const ids = await walk(catalog, { ...query, sort, limit: 5 });
        expect(ids.toSorted()).toEqual([...new Set(ids)].toSorted());
        expect(ids).toHaveLength("category" in query ? 0 : 12);
      }
    }
  });

  it("belongs to its query, whatever the page's size, and is not taken beside an offset", async () => {
    const catalog = shared;
    const query = { text: "rust", limit: 3 };
    const cursor = (await catalog.search(query)).next ?? "";
    expect((await catalog.search({ ...query, limit: 5, facets: true, cursor })).results).toHaveLength(5);
    for (const other of [{ text: "parser" }, { tags: ["a"] }, { sort: "name" as const }, { licenses: ["mit"] }]) {
      await expect(catalog.search({ ...query, ...other, cursor })).rejects.toMatchObject({ code: "search.cursor" });
    }
    await expect(catalog.search({ ...query, cursor, offset: 1 })).rejects.toMatchObject({ code: "usage.invalid" });
  });
});

describe("hostile cursors", () => {
  const identity = ["rust", [], [], [], null, "relevance"];
  const place: Place = { asOf: 9, seen: 2, key: 1.5, updated: start, listing: 4, weights: [1, 2.5] };
  const cursor = encodeCursor(place, identity);
  const decode = (text: string): Place => decodeCursor(text, identity, "number");
  const refusal: unknown = expect.objectContaining({ code: "search.cursor" });

  it("come back as they went, for their own query only", () => {
    const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    const places = fc.record({
      asOf: count,
      seen: count,
      key: fc.double({ noNaN: true, noDefaultInfinity: true }).map((key) => key + 0),
      updated: count,
      listing: count,
      weights: fc.array(fc.double({ min: 0.001, max: 1000, noNaN: true }), { maxLength: 24 }),
    });
    fc.assert(
      fc.property(places, fc.array(fc.string()), fc.array(fc.string()), (given, own, other) => {
        const made = encodeCursor(given, own);
        expect(decodeCursor(made, own, "number")).toEqual(given);
        expect(() => decodeCursor(made, own, "string")).toThrow(refusal as Error);
        if (JSON.stringify(own) !== JSON.stringify(other)) {
          expect(() => decodeCursor(made, other, "number")).toThrow(refusal as Error);
        }
      }),
    );
  });

  it("are refused when any character is another", () => {
    for (let at = 0; at < cursor.length; at++) {
      const changed = `${cursor.slice(0, at)}${cursor[at] === "A" ? "B" : "A"}${cursor.slice(at + 1)}`;
      // The last character may hold bits that nothing is written with.
      if (Buffer.from(changed, "base64url").equals(Buffer.from(cursor, "base64url"))) continue;
      expect(() => decode(changed)).toThrow(refusal as Error);
    }
  });

  it("are refused by name, not by accident: any text", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), fc.base64String(), fc.json()), (text) => {
        expect(() => decode(text)).toThrow(refusal as Error);
      }),
    );
    expect(() => decode("A".repeat(1_000_000))).toThrow(refusal as Error);
  });

  it.each<[string, Record<string, unknown>]>([
    ["a negative bound", { asOf: -1 }],
    ["half a listing", { listing: 0.5 }],
    ["a place beyond all numbers", { seen: 2 ** 60 }],
    ["no time", { updated: null }],
    ["a key that is an object", { key: {} }],
    ["a long key", { key: "x".repeat(601) }],
    ["a key beyond all numbers", { key: JSON.parse("1e999") as number }],
    ["weights that are none", { weights: "1" }],
    ["a weight of nothing", { weights: [0] }],
    ["a heavy weight", { weights: [1001] }],
    ["too many weights", { weights: Array.from({ length: 65 }, () => 1) }],
  ])("are refused although they were sealed: %s", (_, change) => {
    const sealed = encodeCursor({ ...place, ...change } as Place, identity);
    for (const kind of ["number", "string"] as const) {
      expect(() => decodeCursor(sealed, identity, kind)).toThrow(refusal as Error);
    }
  });
});
