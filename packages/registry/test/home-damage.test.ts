import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { defineConfig } from "@ggen/p2p-config";
import { expect, it } from "vitest";

import { P2PRegistry } from "../src/index.ts";
import { loopback, openRegistry, packageFolder, temporaryFolder } from "./harness.ts";

const create = (home: string): Promise<P2PRegistry> => P2PRegistry.create(defineConfig(loopback()), { home });

it("has its own releases again when the catalogue is lost, and the chain goes on where it was", async () => {
  const home = await temporaryFolder();
  const first = await create(home);
  await first.publish(await packageFolder("io.example.own", "1.0.0"));
  const { publisher } = await first.publish(await packageFolder("io.example.own", "1.1.0"));
  const fingerprint = first.catalogFingerprint;
  await first.close();
  await writeFile(join(home, "catalog.db"), Buffer.alloc(8192, 1));

  const second = await openRegistry({}, home);
  expect((await second.notices()).join()).toContain("the catalogue was damaged: 4 records were taken back");
  expect(second.catalogFingerprint).toBe(fingerprint);
  expect(await second.listVersions("io.example.own")).toEqual(["1.0.0", "1.1.0"]);
  expect((await second.publishers.list())[0]).toMatchObject({ publisher, trusted: true });
  expect((await second.publish(await packageFolder("io.example.own", "1.2.0"))).publisher).toBe(publisher);
});

it("loses no more of its own operations than the damaged lines of the copy", async () => {
  const home = await temporaryFolder();
  const first = await create(home);
  for (const version of ["1.0.0", "1.1.0", "1.2.0"])
    await first.publish(await packageFolder("io.example.own", version));
  await first.close();
  const path = join(home, "own-operations.txt");
  const lines = (await readFile(path, "latin1")).split("\n").filter((line) => line !== "");
  expect(lines).toHaveLength(5);
  await writeFile(join(home, "catalog.db"), Buffer.alloc(8192, 1));
  // Of the last one a bit is changed, and what a power cut left of a sixth follows it.
  const last = lines.at(-1) ?? "";
  const damaged = `${last.slice(0, 200)}${last[200] === "A" ? "B" : "A"}${last.slice(201)}`;
  await writeFile(path, [...lines.slice(0, -1), damaged, last.slice(0, 100)].join("\n"));

  const second = await openRegistry({}, home);
  expect(await second.listVersions("io.example.own")).toEqual(["1.0.0", "1.1.0"]);
});

it("refuses a signing key that is not the one it is named by", async () => {
  const home = await temporaryFolder();
  const first = await create(home);
  const { publisher } = await first.publish(await packageFolder("io.example.own", "1.0.0"));
  await first.close();
  const folder = join(home, "keys", publisher);
  const [name = ""] = await readdir(folder);
  const text = await readFile(join(folder, name), "utf8");
  const at = text.indexOf("BEGIN PRIVATE KEY-----\n") + 60;
  await writeFile(join(folder, name), `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`);

  const second = await openRegistry({}, home);
  await expect(second.publish(await packageFolder("io.example.own", "1.1.0"))).rejects.toMatchObject({
    code: "identity.invalid",
  });
});
