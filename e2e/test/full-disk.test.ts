import { closeSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { createDisk, createHome, ggen, needs, startNode, treeFiles } from "@ggen/testkit";
import { expect, it, vi } from "vitest";

import { answerOf, refusalOf, type SearchRow, type Status, statusOf, untilCatalogueIs } from "./support/catalogue.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

const cwd = tmpdir();

/** Writes a file until not a byte more fits. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let bytes = 1 << 20; bytes >= 1; bytes >>= 1) {
      try {
        for (;;) writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    }
  } finally {
    closeSync(file);
  }
}

function packageOf(id: string, bytes: number): string {
  return writePackage(join(emptyFolder(), "p"), id, { files: { "data.txt": seededBytes(id, bytes).toString("hex") } });
}

// Nodes listen on loopback, and homes have mDNS off, so that tests stay apart.
it.runIf(needs("loop-mounts"))("a full disk: reads go on, the node says so, and recovers by itself", async () => {
  const disk = createDisk(64);
  const home = join(disk.path, "home");
  mkdirSync(join(home, "user"), { recursive: true });
  writeFileSync(join(home, "config.toml"), "[network]\nmdns = false\n");
  const publisher = await startNode({ home: createHome() });
  const early = packageOf("io.example.early", 300_000);
  await answerOf(publisher.home, ["marketplace", "publish", early]);
  const node = await startNode({ home, cwd, args: ["--bootstrap", publisher.addresses[0] ?? ""] });
  const target = emptyFolder();
  await untilCatalogueIs(home, (await statusOf(publisher.home)).catalogFingerprint);
  await answerOf(home, ["marketplace", "install", "io.example.early", "--global"], { cwd });
  const warnings = async (): Promise<string> =>
    (await answerOf<Status & { warnings: string[] }>(home, ["marketplace", "p2p", "status"], { cwd })).warnings.join();
  expect(await warnings()).toBe("");

  const ballast = join(disk.path, "ballast");
  fill(ballast);
  expect(await warnings()).toContain("is full");
  const late = packageOf("io.example.late", 300_000);
  const own = packageOf("io.example.own", 300_000);
  await answerOf(publisher.home, ["marketplace", "publish", late]);
  for (let round = 0; round < 3; round += 1) {
    expect(await refusalOf(home, ["marketplace", "publish", own], { cwd })).toMatchObject({ code: "storage.full" });
    expect((await ggen(home, ["marketplace", "install", "io.example.late", "--global"], { cwd })).code).not.toBe(0);
  }
  const found = await answerOf<{ results: SearchRow[] }>(home, ["marketplace", "search", "early"], { cwd });
  expect(found.results.map((row) => row.package.id)).toEqual(["io.example.early"]);
  await answerOf(home, ["marketplace", "install", "io.example.early", "--target", target], { cwd });
  expect(await treeFiles(join(target, "io.example.early"))).toEqual(await treeFiles(early));
  expect(await treeFiles(join(home, "packages", "io.example.early"))).toEqual(await treeFiles(early));

  rmSync(ballast);
  expect(await warnings()).toBe("");
  await answerOf(home, ["marketplace", "publish", own], { cwd });
  await vi.waitFor(() => answerOf(home, ["marketplace", "install", "io.example.late", "--global"], { cwd }), {
    timeout: 45_000,
  });
  expect(await treeFiles(join(home, "packages", "io.example.late"))).toEqual(await treeFiles(late));
  expect(await answerOf(home, ["cache", "verify"], { cwd })).toMatchObject({ damaged: [], damagedRecords: [] });
  expect(await node.stop()).toBe(0);

  fill(ballast);
  // It starts on a full disk, too: what is here is read, and what others ask for is served.
  const again = await startNode({ home, cwd, args: ["--bootstrap", publisher.addresses[0] ?? ""] });
  expect(await warnings()).toContain("is full");
  const kept = await answerOf<{ results: SearchRow[] }>(home, ["marketplace", "search", "own"], { cwd });
  expect(kept.results.map((row) => row.package.id)).toEqual(["io.example.own"]);
  expect(
    await refusalOf(home, ["marketplace", "publish", packageOf("io.example.more", 300_000)], { cwd }),
  ).toMatchObject({
    code: "storage.full",
  });

  const reader = createHome();
  await startNode({ home: reader, args: ["--bootstrap", again.addresses[0] ?? ""] });
  await untilCatalogueIs(reader, (await statusOf(home)).catalogFingerprint);
  await answerOf(reader, ["marketplace", "install", "io.example.own", "--target", join(target, "served")]);
  expect(await treeFiles(join(target, "served", "io.example.own"))).toEqual(await treeFiles(own));

  rmSync(ballast);
  expect(await warnings()).toBe("");
  await answerOf(home, ["marketplace", "publish", packageOf("io.example.more", 300_000)], { cwd });
  expect(await again.stop()).toBe(0);
});

it("a second process on one home is refused, and told who has it", async () => {
  const home = createHome();
  const node = await startNode({ home });
  // The socket is how a command finds the node: without it the home is asked for itself.
  rmSync(join(home, "run"), { recursive: true, force: true });
  const folder = packageOf("io.example.second", 10);
  expect(
    await refusalOf(home, ["marketplace", "publish", folder], { env: { XDG_RUNTIME_DIR: emptyFolder() } }),
  ).toMatchObject({
    code: "home.locked",
    message: expect.stringContaining(String(node.pid)) as string,
  });
  expect(await node.stop()).toBe(0);
  await answerOf(home, ["marketplace", "publish", folder]);
});

it.each(["catalog.db", "store/store.db"])("a %s of a newer version is refused and left as it is", async (name) => {
  const home = createHome();
  const folder = packageOf("io.example.newer", 10);
  await answerOf(home, ["marketplace", "publish", folder]);
  const path = join(home, name);
  const db = new DatabaseSync(path);
  db.exec("PRAGMA user_version = 999");
  db.close();
  const before = { bytes: readFileSync(path), changed: statSync(path).mtimeMs };
  for (const args of [
    ["marketplace", "publish", folder],
    ["marketplace", "search", "newer"],
    ["marketplace", "p2p", "start", "--listen", "/ip4/127.0.0.1/tcp/0"],
  ]) {
    expect(await refusalOf(home, args)).toMatchObject({ code: "storage.newer", exit: 7 });
  }
  expect({ bytes: readFileSync(path), changed: statSync(path).mtimeMs }).toEqual(before);
});
