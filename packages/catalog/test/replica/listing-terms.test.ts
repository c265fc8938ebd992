import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { expect, it } from "vitest";

import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog, testFolder } from "./folder.ts";

it("keeps the words of listings once, and none that no listing says any more", async () => {
  const path = join(testFolder(), "catalog.db");
  const catalog = testCatalog({ path });
  const reader = new DatabaseSync(path, { readOnly: true });
  const terms = (): unknown[] =>
    reader
      .prepare("SELECT name FROM terms ORDER BY name")
      .all()
      .map(({ name }) => name);
  const tagged = (): number => Number(reader.prepare("SELECT count(*) AS n FROM listing_tags").get()?.["n"]);
  const owner = publisherWithKey("owner");
  const say = async (version: string, tags: string[], category?: string): Promise<void> => {
    owner.release("laptop", { version, manifest: { tags, ...(category === undefined ? {} : { category }) } });
    await catalog.accept(
      owner.operations.map(({ envelope }) => envelope),
      { via: "sync" },
    );
  };

  await say("1.0.0", ["RDF", "rdf", "old"], "Media");
  expect(terms()).toEqual(["media", "old", "rdf"]);
  expect(tagged()).toBe(2);
  await say("1.1.0", ["rdf", "media"]);
  expect(terms()).toEqual(["media", "rdf"]);
  expect((await catalog.search({ tags: ["old"] })).total).toBe(0);
  expect((await catalog.search({ tags: ["Media"], facets: true })).facets?.tags).toEqual([
    { value: "media", count: 1 },
    { value: "rdf", count: 1 },
  ]);
  for (const version of ["1.0.0", "1.1.0"]) {
    const yank = owner.chain("laptop", { type: "yank", id: "io.example.demo", version, reason: "" });
    await catalog.accept([yank.envelope], { via: "sync" });
  }
  expect(terms()).toEqual([]);
  expect(tagged()).toBe(0);
  reader.close();
});
