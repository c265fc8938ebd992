import { expect, it } from "vitest";

import { publisherWithKey } from "../publisher-fixture.ts";
import { testCatalog } from "../replica/folder.ts";

/** More words than are sought one by one where letters begin them. */
const endings = Array.from("abcdefghijklmnopqrstuvwx");

it("two and three letters find names by any of many words that they begin", async () => {
  const catalog = testCatalog();
  const owner = publisherWithKey("owner");
  for (const [place, letter] of endings.entries()) {
    owner.release("laptop", { id: `io.example.p${place}`, manifest: { title: `Qu${letter}x` } });
    owner.release("laptop", { id: `io.example.r${place}`, manifest: { title: `Öz${letter}${letter}r` } });
  }
  owner.release("laptop", { id: "io.example.quvQuz", manifest: { title: "qualm" } });
  await catalog.accept(
    owner.operations.map(({ envelope }) => envelope),
    { via: "local" },
  );
  const total = async (text: string): Promise<number> => (await catalog.search({ text })).total;
  expect(await total("qu")).toBe(endings.length + 1);
  expect(await total("öz")).toBe(endings.length);
  expect(await total("example qu")).toBe(endings.length + 1);
  expect(await total("qua")).toBe(2);
  const [best] = (await catalog.search({ text: "quax qu" })).results;
  expect(best?.package.name).toBe("Quax");
});
