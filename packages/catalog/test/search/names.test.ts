import { expect, it } from "vitest";

import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog } from "../replica/folder.ts";
import { fill } from "./shelf.ts";

it("who has the words as the last part of an id comes first, behind however many that have them elsewhere in it", async () => {
  const catalog = testCatalog();
  const owner = publisherWithKey("label");
  for (let count = 0; count < 60; count += 1) owner.release("laptop", { id: `io.my-parser.tool-${count}` });
  owner.release("laptop", { id: "zz.late.My_Parser" });
  await fill(catalog, owner);
  for (const text of ["my-parser", "myparser", "my parser"]) {
    const { results } = await catalog.search({ text, limit: 2 });
    expect(results[0]?.package.id).toBe("zz.late.My_Parser");
  }
});

it("a phrase goes across nothing: neither from the id to the title, nor within an id as it is written apart", async () => {
  const catalog = testCatalog();
  const owner = publisherWithKey("phrases");
  owner.release("laptop", { id: "io.example.red-green", manifest: { title: "Blue tool", description: "Any" } });
  await fill(catalog, owner);
  const count = async (text: string): Promise<number> => (await catalog.search({ text })).total;
  for (const text of ['"red green"', '"example red"', '"blue tool"']) expect(await count(text)).toBe(1);
  for (const text of ['"green blue"', '"green red"', '"redgreen blue"', '"tool any"'])
    expect(await count(text)).toBe(0);
});
