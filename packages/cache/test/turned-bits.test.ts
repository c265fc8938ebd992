import { readFile, stat, utimes, writeFile } from "node:fs/promises";

import { expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { chunkPath, isSame, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

test("a bit that turns while nobody writes, and no time of the file changes, is found by the next who reads", async () => {
  const content = remoteContent(bytesOf(70_000));
  const [digest = ""] = content.blocks.keys();
  const directory = await temporaryFolder();
  const cache = await openStore(directory);
  await cache.add(sourceOf(content.bytes));
  const path = chunkPath(directory, digest);
  expect(isSame(await cache.readBlock(content.address.cid, digest), content.bytes)).toBe(true);

  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  bytes[7] = (bytes[7] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
  expect(await cache.readBlock(content.address.cid, digest)).toBeUndefined();
});
