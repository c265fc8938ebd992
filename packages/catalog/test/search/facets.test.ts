import type { FacetCount, SearchFacets } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import type { Catalog } from "../../src/index.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog } from "../replica/folder.ts";

const [first, second] = [publisherWithKey("owner"), publisherWithKey("second")];
const packages = Array.from({ length: 40 }, (_, count) => ({
  publisher: count % 5 === 0 ? second : first,
  id: `io.facets.${count % 2 === 0 ? "even" : "odd"}-${count}`,
  category: count % 3 === 0 ? "Web" : "cli",
  tags: [`t${count % 7}`, ...(count % 2 === 0 ? ["Even"] : [])],
  license: [undefined, "MIT", "Apache-2.0", "MIT"][count % 4],
}));

async function filled(): Promise<Catalog> {
  const catalog = testCatalog();
  for (const { publisher, id, license, ...rest } of packages) {
    publisher.release("laptop", { id, manifest: { ...rest, ...(license === undefined ? {} : { license }) } });
  }
  // A second claim of an id is one result.
  second.release("laptop", { id: "io.facets.even-2", manifest: { category: "other", tags: ["other"] } });
  for (const { operations } of [first, second]) {
    await catalog.accept(
      operations.map(({ envelope }) => envelope),
      { via: "local" },
    );
  }
  return catalog;
}

/** Counts by hand. */
function count(values: readonly (string | undefined)[]): FacetCount[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Array.from(counts, ([value, n]) => ({ value, count: n })).toSorted(
    (a, b) => b.count - a.count || (a.value < b.value ? -1 : 1),
  );
}

function expected(of: typeof packages): SearchFacets {
  return {
    categories: count(of.map(({ category }) => category.toLowerCase())),
    tags: count(of.flatMap(({ tags }) => tags.map((tag) => tag.toLowerCase()))),
    licenses: count(of.map((one) => one.license?.toLowerCase())),
    publishers: count(of.map(({ publisher }) => publisher.publisher)),
    exact: true,
  };
}

describe("facets", () => {
  it("count all results by what they say, whatever the page shows", async () => {
    const catalog = await filled();
    const of = async (query: Parameters<Catalog["search"]>[0]): Promise<SearchFacets | undefined> =>
      (await catalog.search({ ...query, limit: 3, facets: true })).facets;
    expect(await of({})).toEqual(expected(packages));
    const even = packages.filter(({ id }) => id.includes("even"));
    expect(await of({ text: "even" })).toEqual(expected(even));
    expect(await of({ text: "even", sort: "name" })).toEqual(expected(even));
    const web = packages.filter(({ category }) => category === "Web");
    expect(await of({ category: "web" })).toEqual(expected(web));
    expect(await of({ text: "even", category: "web", tags: ["even"] })).toEqual(
      expected(web.filter((one) => even.includes(one))),
    );
    expect(await of({ text: "nothing-has-this" })).toEqual(expected([]));
    expect((await catalog.search({})).facets).toBeUndefined();
  });

  it("are kept to the twenty most frequent values", async () => {
    const catalog = testCatalog();
    const owner = publisherWithKey("many");
    const tags = Array.from({ length: 60 }, (_, place) => `tag${place}`);
    for (let place = 0; place < 3; place++) {
      owner.release("laptop", { id: `io.many.p${place}`, manifest: { tags: tags.slice(place * 10) } });
    }
    await catalog.accept(
      owner.operations.map(({ envelope }) => envelope),
      { via: "local" },
    );
    const { facets } = await catalog.search({ facets: true });
    expect(facets?.tags).toHaveLength(20);
    expect(facets?.tags.every((one) => one.count === 3)).toBe(true);
  });

  it("go with the filters by license and publisher", async () => {
    const catalog = await filled();
    const ids = async (query: Parameters<Catalog["search"]>[0]): Promise<number> => (await catalog.search(query)).total;
    const ofLicense = (license: string): number => packages.filter((one) => one.license === license).length;
    expect(await ids({ licenses: ["mit"] })).toBe(ofLicense("MIT"));
    expect(await ids({ licenses: ["MIT", "apache-2.0"], text: "facets" })).toBe(
      ofLicense("MIT") + ofLicense("Apache-2.0"),
    );
    expect(await ids({ publisher: second.publisher, licenses: ["mit"] })).toBe(
      packages.filter((one) => one.license === "MIT" && one.publisher === second).length,
    );
  });
});
