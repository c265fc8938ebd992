import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compareTrees, listTree } from "../demo/tree.ts";

let scratch = "";
const paths = ["a.txt", "sub/b.txt"];

async function writeTree(name: string): Promise<string> {
  const directory = join(scratch, name);
  await mkdir(join(directory, "sub"), { recursive: true });
  await writeFile(join(directory, "a.txt"), "a");
  await writeFile(join(directory, "sub", "b.txt"), "b");
  return directory;
}

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "ggen-tree-"));
});

afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

it("lists files and links, not folders", async () => {
  const tree = await writeTree("tree");
  await symlink("a.txt", join(tree, "link"));
  expect(await listTree(tree)).toEqual(["a.txt", "link", "sub/b.txt"]);
});

it("finds equal trees equal", async () => {
  expect(await compareTrees(await writeTree("source"), await writeTree("installed"), paths)).toEqual([]);
});

it("names every difference", async () => {
  const source = await writeTree("source");
  const installed = await writeTree("installed");
  await rm(join(installed, "a.txt"));
  await writeFile(join(installed, "c.txt"), "c");
  await writeFile(join(installed, "sub", "b.txt"), "B");
  expect(await compareTrees(source, installed, paths)).toEqual([
    "a.txt is missing",
    "c.txt was not published",
    "sub/b.txt has other bytes",
  ]);
});
