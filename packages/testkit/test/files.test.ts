import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, expect, it } from "vitest";

import { publishableFolders, treeDigest, treeFiles } from "../src/index.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "gg-files-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, text: string): void {
  mkdirSync(join(folder, path, ".."), { recursive: true });
  writeFileSync(join(folder, path), text);
}

it("changes with every content, name, mode and link", async () => {
  write("a/b.txt", "one");
  write("c.sh", "#!/bin/sh\n");
  const seen = [await treeDigest(folder)];
  expect(await treeDigest(folder)).toBe(seen[0]);
  write("a/b.txt", "two");
  seen.push(await treeDigest(folder));
  chmodSync(join(folder, "c.sh"), 0o755);
  seen.push(await treeDigest(folder));
  write("a/empty", "");
  seen.push(await treeDigest(folder));
  symlinkSync("c.sh", join(folder, "link"));
  seen.push(await treeDigest(folder));
  expect(new Set(seen).size).toBe(5);
  expect(Object.keys(await treeFiles(folder))).toEqual(["a/b.txt", "a/empty", "c.sh", "link"]);
  expect(Object.keys(await treeFiles(folder, (path) => path !== "a"))).toEqual(["c.sh", "link"]);
});

it("sorts a corpus into what can be published and what cannot, with the reason", () => {
  write("packages/good/package.toml", '[package]\nname = "good"\nversion = "1.0.0"\n');
  write("packages/both/gpack.toml", '[gpack]\nid = "io.x.both"\nname = "Both"\nversion = "2.0.0"\n');
  write("packages/empty/README.md", "nothing");
  write("packages/torn/package.toml", "[package\n");
  write("gpacks/nameless/gpack.toml", "[gpack]\nversion = '1.0.0'\n");
  const { publishable, refused } = publishableFolders(folder);
  expect(publishable.map(({ name, id, version }) => [name, id, version])).toEqual([
    ["both", "io.x.both", "2.0.0"],
    ["good", "good", "1.0.0"],
  ]);
  expect(refused.map(({ name, reason }) => [name, reason])).toEqual([
    ["empty", "no-manifest"],
    ["torn", "not-toml"],
    ["nameless", "incomplete"],
  ]);
});
