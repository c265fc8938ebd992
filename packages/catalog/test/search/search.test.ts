import { type Manifest, type Query, systemClock } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { type Catalog, openCatalog } from "../../src/index.ts";
import { publisherWithKey, type TestPublisher } from "../publisher-fixture.ts";
import { testCatalog, testClock } from "../replica/folder.ts";

const shelf: Record<string, Partial<Manifest>> = {
  "io.example.my-package": { title: "My Package", description: "A small beginning", tags: ["demo"] },
  "io.ggen.rust.cli": {
    title: "Rust command line",
    description: "Templates for command line tools in Rust",
    category: "Templates",
    tags: ["rust", "CLI"],
    keywords: ["clap"],
    authors: ["Ada Lovelace"],
  },
  "io.ggen.rust.web": { title: "Rust web service", description: "An HTTP service", category: "web", tags: ["rust"] },
  "acme.GraphToolkit": { title: "Graphs", description: "Ontologies and SPARQL queries", category: "ontology" },
  "org.uber.zürich_maps": { title: "Karten für Zürich", description: "Straßen und Plätze" },
};

let catalog: Catalog;

async function fill(target: Catalog, publisher: TestPublisher): Promise<void> {
  await target.accept(
    publisher.operations.map(({ envelope }) => envelope),
    { via: "local" },
  );
}

const idsOf = async (query: Query): Promise<string[]> =>
  (await catalog.search(query)).results.map(({ package: found }) => found.id);

beforeAll(async () => {
  // One catalogue for all the tests that only read.
  const { mkdtempSync, rmSync } = await import("node:fs");
  const { tmpdir } = await import("node:os");
  const folder = mkdtempSync(`${tmpdir()}/ggen-search-`);
  catalog = openCatalog({ path: `${folder}/catalog.db`, clock: testClock });
  const owner = publisherWithKey("owner");
  for (const [id, manifest] of Object.entries(shelf)) {
    owner.release("laptop", { id: id.replace("ü", "u"), manifest });
  }
  await fill(catalog, owner);
  return async () => {
    await catalog.close();
    rmSync(folder, { recursive: true });
  };
});

describe("search", () => {
  it.each<[string, string[]]>([
    ["my-package", ["io.example.my-package"]],
    ["mypackage", ["io.example.my-package"]],
    ["MY PACK", ["io.example.my-package"]],
    ["graph toolkit", ["acme.GraphToolkit"]],
    ["graphtoolkit", ["acme.GraphToolkit"]],
    ["zurich", ["org.uber.zurich_maps"]],
    ["Zürich straße", []],
    ["ZURICH straßen", ["org.uber.zurich_maps"]],
    ["lovelace", ["io.ggen.rust.cli"]],
    ["clap", ["io.ggen.rust.cli"]],
    ["templates", ["io.ggen.rust.cli"]],
    ["sparql ont", ["acme.GraphToolkit"]],
    ["io.ggen.rust.web", ["io.ggen.rust.web"]],
    ["IO.GGEN.RUST.WEB", ["io.ggen.rust.web"]],
    ["rust http", ["io.ggen.rust.web", "io.ggen.rust.cli"]],
  ])("finds by words of id, title, description, tags, keywords, category and authors: %s", async (text, expected) => {
    const found = await idsOf({ text });
    expect(found.slice(0, Math.max(expected.length, 0))).toEqual(expected);
    if (expected.length > 0) expect(found).toHaveLength(expected.length);
  });

  it.each<[string, string[]]>([
    ["io.ggen.rust.web", ["io.ggen.rust.web"]],
    ["services", ["io.ggen.rust.web"]],
    ["template", ["io.ggen.rust.cli"]],
    ["ontology", ["acme.GraphToolkit"]],
    ["commandline", ["io.ggen.rust.cli"]],
    ["graph tool kit", ["acme.GraphToolkit", "io.ggen.rust.cli"]],
    ['"command line"', ["io.ggen.rust.cli"]],
    ['"line command"', []],
    ['"rust web" http', ["io.ggen.rust.web"]],
    ['"rust', ["io.ggen.rust.cli", "io.ggen.rust.web"]],
    ["rust clli", ["io.ggen.rust.cli", "io.ggen.rust.web"]],
  ])("finds other forms, words written apart or as one, phrases, and some of the words: %s", async (text, expected) => {
    expect(await idsOf({ text })).toEqual(expected);
  });

  it("puts what is called so above what mentions it, and the whole before a part", async () => {
    const own = testCatalog();
    const owner = publisherWithKey("owner");
    const described = (id: string, description: string, title = id): void => {
      owner.release("laptop", { id, manifest: { title, description } });
    };
    described("net.other.tool", "Works with invoice parser and invoice parser, an invoice parser");
    described("net.example.invoice-parser-lite", "");
    described("net.example.invoice-parser", "");
    described("net.example.invoice-archiver", "");
    await fill(own, owner);
    const { results } = await own.search({ text: "invoice parser" });
    expect(results.map((result) => result.package.id)).toEqual([
      "net.example.invoice-parser",
      "net.example.invoice-parser-lite",
      "net.other.tool",
      "net.example.invoice-archiver",
    ]);
  });

  it("lets the user's own trust decide between equals, and lifts nothing above what fits better", async () => {
    const own = testCatalog();
    const [first, second] = [publisherWithKey("owner"), publisherWithKey("second")];
    first.release("laptop", { id: "net.a.invoice-parser" });
    second.release("laptop", { id: "net.b.invoice-parser" });
    second.release("laptop", { id: "net.b.other", manifest: { description: "Not an invoice parser" } });
    await fill(own, first);
    await fill(own, second);
    const found = async (): Promise<string[]> =>
      (await own.search({ text: "invoice parser" })).results.map((result) => result.package.id);
    expect(await found()).toEqual(["net.a.invoice-parser", "net.b.invoice-parser", "net.b.other"]);
    own.setTrust(second.publisher, { trusted: true });
    expect(await found()).toEqual(["net.b.invoice-parser", "net.a.invoice-parser", "net.b.other"]);
  });

  it("forgives a slip of the fingers, and takes any word where all find nothing", async () => {
    expect(await idsOf({ text: "rsut" })).toEqual(expect.arrayContaining(["io.ggen.rust.cli", "io.ggen.rust.web"]));
    expect(await idsOf({ text: "ontolgies" })).toEqual(["acme.GraphToolkit"]);
    expect(await idsOf({ text: "sparql nonexistentword" })).toEqual(["acme.GraphToolkit"]);
    expect(await idsOf({ text: "zzzzzz" })).toEqual([]);
  });

  it("filters by categories (any), tags (all), without case, and by publisher", async () => {
    expect(await idsOf({ categories: ["WEB", "ontology"] })).toEqual(["acme.GraphToolkit", "io.ggen.rust.web"]);
    expect(await idsOf({ category: "templates" })).toEqual(["io.ggen.rust.cli"]);
    expect(await idsOf({ tags: ["rust"] })).toHaveLength(2);
    expect(await idsOf({ tags: ["RUST", "cli"] })).toEqual(["io.ggen.rust.cli"]);
    expect(await idsOf({ text: "rust", tags: ["cli"] })).toEqual(["io.ggen.rust.cli"]);
    expect((await idsOf({ keywords: ["rust", "web"] }))[0]).toBe("io.ggen.rust.web");
    expect(await idsOf({ publisher: publisherWithKey("other").publisher })).toEqual([]);
  });

  it("lists everything by id for an empty query, in pages", async () => {
    const all = Object.keys(shelf)
      .map((id) => id.replace("ü", "u"))
      .toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1));
    const page = await catalog.search({});
    expect(page.results.map(({ package: found }) => found.id)).toEqual(all);
    expect(page.results.map(({ score }) => score)).toEqual([0, 0, 0, 0, 0]);
    const second = await catalog.search({ text: "  ", limit: 2, offset: 2 });
    expect(second.results.map(({ package: found }) => found.id)).toEqual(all.slice(2, 4));
    expect(second.total).toBe(5);
    expect((await catalog.search({ offset: 100 })).results).toEqual([]);
    expect(await idsOf({ sort: "name", limit: 1 })).toEqual(["acme.GraphToolkit"]);
  });

  it("marks what matched", async () => {
    const { results } = await catalog.search({ text: "rust serv" });
    expect(results[0]?.highlights).toEqual({
      name: [
        { text: "Rust", match: true },
        { text: " web ", match: false },
        { text: "service", match: true },
      ],
      description: [
        { text: "An HTTP ", match: false },
        { text: "service", match: true },
      ],
    });
    expect((await catalog.search({})).results[0]?.highlights).toEqual({});
  });

  it("shows the newest release that is no prerelease, and takes it back with a yank", async () => {
    const own = testCatalog();
    const owner = publisherWithKey("owner");
    for (const version of ["1.9.0", "1.10.0", "2.0.0-beta.1"]) owner.release("laptop", { version });
    await fill(own, owner);
    const shown = async (): Promise<string | undefined> => (await own.search({})).results[0]?.package.version;
    expect(await shown()).toBe("1.10.0");
    owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.10.0", reason: "" });
    await fill(own, owner);
    expect(await shown()).toBe("1.9.0");
    owner.chain("laptop", { type: "yank", id: "io.example.demo", version: "1.9.0", reason: "" });
    await fill(own, owner);
    expect(await shown()).toBe("2.0.0-beta.1");
  });

  it("does not show what a denied publisher claims, and keeps its operations", async () => {
    const [owner, denied] = [publisherWithKey("owner"), publisherWithKey("denied")];
    const own = testCatalog({ denyPublishers: [denied.publisher] });
    for (const publisher of [owner, denied]) publisher.release("laptop");
    denied.release("laptop", { id: "io.example.only" });
    await fill(own, owner);
    await fill(own, denied);
    expect((await own.search({})).results.map(({ claimants }) => claimants)).toEqual([[owner.publisher]]);
    expect(own.entry("io.example.demo")?.claimants).toHaveLength(1);
    expect(own.entry("io.example.only")).toBeUndefined();
    expect(own.counts().operations).toBe(7);
  });

  it("prefers the release of a trusted publisher among claimants", async () => {
    const [first, second] = [publisherWithKey("owner"), publisherWithKey("second")];
    const own = testCatalog();
    for (const publisher of [first, second]) {
      publisher.release("laptop");
      await fill(own, publisher);
    }
    for (const publisher of [first, second]) {
      own.setTrust(publisher.publisher, { trusted: true });
      expect((await own.search({ text: "demo" })).results[0]?.package.publisher).toBe(publisher.publisher);
      own.setTrust(publisher.publisher, { trusted: false });
    }
  });
});

describe("hostile queries", () => {
  it.each([
    '"',
    '""',
    '" OR "',
    "rust OR",
    "AND OR NOT",
    "NEAR(a b, 5)",
    "id : rust",
    "{id words} : x",
    "^rust",
    "rust*",
    "* * *",
    "rust + web",
    "-rust",
    "(((((",
    "'; DROP TABLE operations; --",
    "%_%",
    "\0",
    "ru\0st",
    "\uD800",
    "\u0301\u0301\u0301",
    "a".repeat(1000),
    "a ".repeat(500),
    "𝓇𝓊𝓈𝓉 🦀",
    "rowid:1",
  ])("takes %j as words", async (text) => {
    const page = await catalog.search({ text });
    expect(page.total).toBeLessThanOrEqual(5);
    expect(catalog.counts().operations).toBe(7);
  });

  it("takes any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 40 }), async (text) => {
        const page = await catalog.search({ text });
        expect(page.results.length).toBeLessThanOrEqual(page.total);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, Query]>([
    ["text over 1,000 characters", { text: "a".repeat(1001) }],
    ["keywords over 1,000 characters", { text: "a".repeat(600), keywords: ["b".repeat(401)] }],
    ["a limit of 0", { limit: 0 }],
    ["a limit of 101", { limit: 101 }],
    ["half an offset", { offset: 0.5 }],
    ["a negative offset", { offset: -1 }],
    ["too many tags", { tags: Array.from({ length: 65 }, String) }],
    ["a long category", { category: "a".repeat(101) }],
  ])("refuses %s", async (_, query) => {
    await expect(catalog.search(query)).rejects.toMatchObject({ code: "usage.invalid" });
  });
});

describe("stopping", () => {
  const manyPackages = async (target: Catalog): Promise<void> => {
    const owner = publisherWithKey("many");
    for (let count = 0; count < 300; count++) owner.release("laptop", { id: `many-${count}` });
    await fill(target, owner);
  };

  it("stops a query whose time is up, and answers the next one", async () => {
    let isUp = true;
    const clock = {
      ...testClock,
      // The first search has no time at all, the second as much as there is.
      sleep: (ms: number, signal?: AbortSignal) => (isUp ? Promise.resolve() : systemClock.sleep(ms, signal)),
    };
    const own = testCatalog({ clock });
    await manyPackages(own);
    await expect(own.search({ text: "many" })).rejects.toMatchObject({ code: "usage.invalid" });
    isUp = false;
    expect((await own.search({ text: "many" })).total).toBe(300);
  });

  it("stops when its caller aborts, before and after it began", async () => {
    const own = testCatalog();
    await manyPackages(own);
    await expect(own.search({}, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
    const caller = new AbortController();
    const searching = own.search({ text: "many" }, { signal: caller.signal });
    const waiting = own.search({ text: "many" }, { signal: caller.signal });
    caller.abort();
    await expect(Promise.allSettled([searching, waiting])).resolves.toMatchObject([
      { status: "rejected", reason: { code: "aborted" } },
      { status: "rejected", reason: { code: "aborted" } },
    ]);
    expect((await own.search({})).total).toBe(300);
  });

  it("fails what waits when the catalogue is closed", async () => {
    const own = testCatalog();
    const searching = Promise.allSettled([own.search({}), own.search({})]);
    await own.close();
    for (const result of await searching) expect(result).toMatchObject({ reason: { code: "aborted" } });
  });

  it("refuses more searches at a time than it can remember", async () => {
    const own = testCatalog();
    const results = await Promise.allSettled(Array.from({ length: 300 }, () => own.search({})));
    const refused = results.filter(({ status }) => status === "rejected");
    expect(refused).toHaveLength(44);
    expect(refused[0]).toMatchObject({ reason: { code: "network.refused" } });
  });
});
