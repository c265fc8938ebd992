import { appendFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { openRegistry, packageFolder, temporaryFolder, treeOf } from "../harness.ts";

const chunksOf = async (home: string): Promise<string[]> => Object.keys(await treeOf(join(home, "store/chunks")));

it("a version that was published with other content is refused, and nothing of it is stored", async () => {
  const home = await temporaryFolder();
  const registry = await openRegistry({}, home);
  const folder = await packageFolder("io.example.twice");
  await registry.publish(folder);
  const before = await chunksOf(home);
  await appendFile(join(folder, "templates/main.tmpl"), "changed\n");
  await expect(registry.publish(folder)).rejects.toMatchObject({ code: "publish.immutable" });
  expect(await chunksOf(home)).toEqual(before);
});

it("a range that is none is said to be none, not looked for", async () => {
  const registry = await openRegistry();
  await registry.publish(await packageFolder("io.example.ranged"));
  const wrong = { code: "version.invalid" };
  const target = await temporaryFolder();
  await expect(registry.install({ ref: "io.example.ranged@newest", target })).rejects.toMatchObject(wrong);
  await expect(registry.info({ ref: "io.example.ranged@newest" })).rejects.toMatchObject(wrong);
});
