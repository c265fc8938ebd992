import { readdir, readFile, realpath, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { expect, it } from "vitest";

import { connect, packageFolder, startRegistry, temporaryFolder, treeOf } from "../harness.ts";

it("fetches a content again when its own copy turns out to be damaged", async () => {
  const [a, b] = await Promise.all([startRegistry(), startRegistry()]);
  const folder = await packageFolder("io.example.spoilt", "1.0.0", { "data.txt": "0123456789".repeat(300_000) });
  await a.publish(folder);
  await connect(b, a);
  const target = await temporaryFolder();
  await b.install({ ref: "io.example.spoilt", target });

  const chunks = await readdir(join(b.home, "store", "chunks"), { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of chunks.filter((entry) => entry.isFile())) {
    const bytes = await readFile(join(parentPath, name));
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    await writeFile(join(parentPath, name), bytes);
  }
  const { packages } = await b.install({ ref: "io.example.spoilt", target, force: true });
  expect(packages).toMatchObject([{ source: "peers" }]);
  expect(await treeOf(await realpath(packages[0]?.path ?? ""))).toEqual(await treeOf(folder));
});
