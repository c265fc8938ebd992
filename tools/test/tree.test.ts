import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { compareTrees } from "../demo/tree.ts";

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
