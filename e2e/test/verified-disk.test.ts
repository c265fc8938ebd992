import { cpSync, existsSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { createHome, ggen, type NodeProcess, startNode, treeFiles } from "@ggen/testkit";
import { beforeAll, expect, it, vi } from "vitest";

import { startWeakened } from "./attacks/support/weakened.ts";
import { answerOf, type Installed, refusalOf, statusOf, untilCatalogueIs } from "./support/catalogue.ts";
import { expectedTree, type PackageTree } from "./support/package-tree.ts";
import { writePackage } from "./support/packages.ts";
import { emptyFolder } from "./support/places.ts";
import { seededBytes } from "./support/random-files.ts";

const id = "io.example.damaged";
let tree: PackageTree;
let first: NodeProcess;
let second: NodeProcess;

beforeAll(async () => {
  const folder = emptyFolder();
  // Six chunks.
  writePackage(folder, id, { files: { "data.txt": seededBytes("damaged", 2_900_000).toString("hex") } });
  tree = await expectedTree(folder);
  first = await startNode({ home: createHome() });
  await answerOf(first.home, ["marketplace", "publish", folder]);
});

/** A node that knows only these, with their catalogue. */
async function newcomer(...peers: readonly NodeProcess[]): Promise<NodeProcess> {
  const args = peers.flatMap(({ addresses }) => ["--bootstrap", addresses[0] ?? ""]);
  const node = await startNode({ home: createHome(), args });
  await untilCatalogueIs(node.home, (await statusOf(first.home)).catalogFingerprint);
  await vi.waitUntil(async () => (await statusOf(node.home)).connectedPeers >= peers.length, { timeout: 30_000 });
  return node;
}

/** The chunk files of a node's content store. */
async function chunkFiles(home: string): Promise<string[]> {
  const entries = await readdir(join(home, "store", "chunks"), { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Changes one bit of every chunk that is longer than the root, behind the running node's back. */
async function damage(home: string): Promise<number> {
  let changed = 0;
  for (const path of await chunkFiles(home)) {
    const bytes = await readFile(path);
    if (bytes.byteLength < 10_000) continue;
    bytes[4321] = (bytes[4321] ?? 0) ^ 4;
    await writeFile(path, bytes);
    changed += 1;
  }
  return changed;
}

const setAside = async (home: string): Promise<number> => (await readdir(join(home, "store", "quarantine"))).length;

it("a holder whose disk is damaged gives nothing, and nothing is installed", async () => {
  second = await newcomer(first);
  await answerOf(second.home, ["marketplace", "install", id, "--global"]);
  await second.stop();

  // The harm: a node that believes its disk installs what is on it.
  const trusting = createHome();
  cpSync(second.home, trusting, { recursive: true, filter: (path) => path !== join(second.home, "run") });
  expect(await damage(trusting)).toBe(6);
  const weak = await startWeakened("unhashed-blocks", [], trusting);
  const spoilt = emptyFolder();
  await answerOf(weak.home, ["marketplace", "install", id, "--target", spoilt]);
  expect(await treeFiles(join(spoilt, id))).not.toEqual(tree);
  await weak.stop();

  expect(await damage(first.home)).toBe(6);
  const node = await newcomer(first);
  const target = join(emptyFolder(), "not-made");

  const refusal = await refusalOf(node.home, ["marketplace", "install", id, "--target", target]);
  expect(refusal).toMatchObject({ code: "package.no-providers", exit: 6 });
  expect(refusal.got).toContain(`${first.peerId}: does not have all of it`);
  expect(existsSync(target)).toBe(false);
  await node.stop();
});

it("the fetch goes on with the next holder", async () => {
  second = await startNode({ home: second.home, args: ["--bootstrap", first.addresses[0] ?? ""] });
  // What was set aside is fetched again from the copy, and damaged again.
  await answerOf(first.home, ["marketplace", "install", id, "--target", emptyFolder()]);
  expect(await damage(first.home)).toBe(6);
  const before = await setAside(first.home);
  const node = await newcomer(first, second);
  const target = emptyFolder();

  // The sound holder hears nothing until the damaged one has looked at its disk.
  process.kill(second.pid, "SIGSTOP");
  const installing = ggen(node.home, ["marketplace", "install", id, "--target", target, "--json"]);
  await vi
    .waitUntil(async () => (await setAside(first.home)) > before, { timeout: 30_000 })
    .finally(() => process.kill(second.pid, "SIGCONT"));

  const result = await installing;
  expect(result).toMatchObject({ code: 0, stderr: "" });
  expect((result.json() as Installed).packages[0]?.peers.map(({ peerId }) => peerId)).toEqual([second.peerId]);
  expect(await treeFiles(join(target, id))).toEqual(tree);
});

it("an installer whose own copy is damaged fetches it again from a holder", async () => {
  const node = await newcomer(second);
  await answerOf(node.home, ["marketplace", "install", id, "--global"]);
  expect(await damage(node.home)).toBe(6);

  const again = await answerOf<Installed>(node.home, ["marketplace", "install", id, "--global", "--force"]);
  expect(again.packages[0]).toMatchObject({ source: "peers" });
  expect(await treeFiles(join(node.home, "packages", id))).toEqual(tree);
});
