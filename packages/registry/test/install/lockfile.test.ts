import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeEach, expect, it } from "vitest";

import type { P2PRegistry } from "../../src/index.ts";
import { openRegistry, packageFolder, temporaryFolder } from "../harness.ts";

const ref = "io.example.locked";
let registry: P2PRegistry;
let target: string;
let lockfile: string;

beforeEach(async () => {
  registry = await openRegistry();
  target = await temporaryFolder();
  lockfile = join(target, "ggen.lock");
  await registry.publish(await packageFolder(ref, "1.0.0"));
  await registry.install({ ref, target, lockfile });
  await registry.publish(await packageFolder(ref, "1.1.0"));
});

async function edit(pattern: RegExp, replacement: string): Promise<string> {
  const text = (await readFile(lockfile, "utf8")).replace(pattern, replacement);
  await writeFile(lockfile, text);
  return text;
}

it("what is locked is installed, whatever was released since", async () => {
  const { packages } = await registry.install({ ref, target: await temporaryFolder(), lockfile });
  expect(packages).toMatchObject([{ version: "1.0.0" }]);
});

it.each([
  ["digest", /checksum = "sha256:[0-9a-f]{8}/, 'checksum = "sha256:00000000'],
  ["CID", /cid = ".{15}/, 'cid = "bafkreiaaaaaaaa'],
])("a lockfile with another %s is refused and left as it is", async (_name, pattern, replacement) => {
  const text = await edit(pattern, replacement);
  const refused = expect.objectContaining({ code: "lockfile.invalid", message: expect.stringContaining("1.0.0") });
  const elsewhere = await temporaryFolder();
  for (const request of [{ ref }, { ref, frozenLockfile: true }, { frozenLockfile: true }, { ref: `${ref}@1.0.0` }]) {
    await expect(registry.install({ ...request, target: elsewhere, lockfile })).rejects.toEqual(refused);
  }
  expect(await readFile(lockfile, "utf8")).toBe(text);
});

it("a locked version that the catalogue does not hold is refused, not replaced", async () => {
  await edit(/version = "1.0.0"/, 'version = "1.0.5"');
  await expect(registry.install({ ref, target, lockfile })).rejects.toMatchObject({ code: "lockfile.invalid" });
  const { packages } = await registry.install({ ref: `${ref}@1.1.0`, target, lockfile });
  expect(packages).toMatchObject([{ version: "1.1.0" }]);
});
