import { expect, it } from "vitest";

import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog } from "../replica/folder.ts";

it("a listing that came where another one went away is found as what it is", async () => {
  const catalog = testCatalog();
  const owner = publisherWithKey("owner");
  const say = async (): Promise<unknown> =>
    catalog.accept(
      owner.operations.map(({ envelope }) => envelope),
      { via: "local" },
    );
  const find = async (): Promise<unknown> =>
    (await catalog.search({ text: "demo" })).results.map(({ package: { id }, claimants }) => [id, claimants]);
  owner.release("laptop", { id: "io.example.demo-kept" });
  await say();
  owner.release("laptop", { id: "io.example.demo-gone" });
  await say();
  // What a search learns of listings, it keeps.
  expect(await find()).toHaveLength(2);
  owner.chain("laptop", { type: "yank", id: "io.example.demo-gone", version: "1.0.0", reason: "" });
  await say();
  owner.release("laptop", { id: "io.example.demo-came" });
  await say();
  expect(await find()).toEqual(["io.example.demo-kept", "io.example.demo-came"].map((id) => [id, [owner.publisher]]));
});
