import type { Query } from "@ggen/p2p-types";
import { beforeAll, describe, expect, it } from "vitest";

import type { Catalog } from "../../src/index.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog } from "../replica/folder.ts";
import { fill, openShelf, shelf } from "./shelf.ts";

let catalog: Catalog;

beforeAll(async () => {
  const opened = await openShelf();
  ({ catalog } = opened);
  return opened.close;
});

const idsOf = async (query: Query): Promise<string[]> =>
  (await catalog.search(query)).results.map(({ package: found }) => found.id);

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
