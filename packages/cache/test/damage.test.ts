import { open, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import {
  chunkPath,
  collect,
  isSame,
  fetchAll,
  type LogLine,
  mebibyte,
  memoryLogger,
  openStore,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";

const content = remoteContent(bytesOf(2 * mebibyte + 500));
const [first = "", second = "", third = ""] = leafDigests(content.bytes);
const { cid } = content.address;

async function flipBit(path: string, bit: number): Promise<void> {
  const file = await open(path, "r+");
  const byte = new Uint8Array(1);
  await file.read(byte, 0, 1, bit >> 3);
  await file.write(Uint8Array.of((byte[0] ?? 0) ^ (1 << (bit & 7))), 0, 1, bit >> 3);
  await file.close();
}

async function storeContent(): Promise<{ directory: string; cache: ContentCache; log: LogLine[] }> {
  const directory = await temporaryFolder();
  const log: LogLine[] = [];
  const cache = await openStore(directory, { logger: memoryLogger(log) });
  await cache.add(sourceOf(content.bytes), undefined, "own");
  return { directory, cache, log };
}

async function refetch(cache: ContentCache): Promise<number> {
  const writer = await cache.open(content.address);
  const asked = await fetchAll(writer, content);
  writer.close();
  expect(isSame(await collect(cache.read(cid)), content.bytes)).toBe(true);
  return asked.length;
}

const damages: [string, (directory: string) => Promise<void>][] = [
  ["a flipped bit", (directory) => flipBit(chunkPath(directory, second), 12_345)],
  ["a truncated file", (directory) => truncate(chunkPath(directory, second), 1000)],
  ["an empty file", (directory) => truncate(chunkPath(directory, second), 0)],
  ["a longer file", (directory) => writeFile(chunkPath(directory, second), "x", { flag: "a" })],
  ["a missing file", (directory) => rm(chunkPath(directory, second))],
  ["another chunk's bytes", (directory) => rename(chunkPath(directory, first), chunkPath(directory, second))],
];

describe.each(damages)("%s", (name, damage) => {
  const lost = name === "another chunk's bytes" ? [first, second] : [second];

  test("is found when the content is read, and can be fetched again", async () => {
    const { directory, cache, log } = await storeContent();
    await damage(directory);
    await expect(collect(cache.read(cid))).rejects.toMatchObject({ code: "content.mismatch" });
    expect(cache.stat(cid)).toMatchObject({ complete: false, pins: ["own"] });
    expect(log.find(({ level }) => level === "warn")?.fields).toMatchObject({ contents: [cid] });
    await cache.verify();
    expect(await refetch(cache)).toBe(lost.length);
  });

  test("is found when the block is served", async () => {
    const { directory, cache } = await storeContent();
    await damage(directory);
    expect(await cache.readBlock(cid, second)).toBeUndefined();
    expect(cache.haveMap(cid)![0]! & 0b10).toBe(0);
    expect(await cache.readBlock(cid, third)).toBeDefined();
  });

  test("is found by a scrub, which names it", async () => {
    const { directory, cache } = await storeContent();
    await damage(directory);
    const steps: (number | undefined)[] = [];
    const report = await cache.verify({ onProgress: ({ done }) => steps.push(done) });
    expect(report).toMatchObject({ checkedChunks: 4, damaged: [...lost].sort(), affected: [cid] });
    expect(steps.at(-1)).toBe(report.checkedBytes);
    expect((await cache.verify()).damaged).toEqual([]);
    expect(await refetch(cache)).toBe(lost.length);
  });

  test("is not what an add of the same bytes relies on", async () => {
    const { directory, cache } = await storeContent();
    await damage(directory);
    await cache.add(sourceOf(content.bytes));
    expect(isSame(await collect(cache.read(cid)), content.bytes)).toBe(true);
  });
});

describe("damage", () => {
  test("any flipped bit of any file is found", async () => {
    const { directory, cache } = await storeContent();
    const digests = [...content.blocks.keys()];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...digests),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        async (digest, where) => {
          const bits = content.blocks.get(digest)!.byteLength * 8;
          await flipBit(chunkPath(directory, digest), Math.floor(where * bits));
          expect((await cache.verify()).damaged).toEqual([digest]);
          expect(await refetch(cache)).toBe(1);
        },
      ),
      { numRuns: 15 },
    );
  });

  test("damaged files are kept aside, a bounded number of them", async () => {
    const { directory, cache } = await storeContent();
    for (let round = 0; round < 20; round += 1) {
      await flipBit(chunkPath(directory, third), round);
      expect(await cache.readBlock(cid, third)).toBeUndefined();
      await refetch(cache);
    }
    const names = await readdir(join(directory, "quarantine"));
    expect(names).toHaveLength(16);
    expect(names.every((name) => name.startsWith(third))).toBe(true);
    expect(await readFile(join(directory, "quarantine", names[0]!))).toHaveLength(500);
  });

  test("several damaged chunks are found in one look, when the content is finished", async () => {
    const { directory, cache } = await storeContent();
    for (const digest of [first, second, third]) await flipBit(chunkPath(directory, digest), 8);
    expect(await cache.readBlock(cid, second)).toBeUndefined();
    const writer = await cache.open(content.address);
    await writer.put(writer.missing()[0]!, content.blocks.get(second)!);
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing" });
    expect(writer.missing().map(({ digest }) => digest)).toEqual([first, third]);
    writer.close();
    expect(await refetch(cache)).toBe(2);
  });

  test("a chunk that two contents share is lost to both", async () => {
    const { directory, cache } = await storeContent();
    const other = await cache.add(sourceOf(content.bytes.subarray(0, 2 * mebibyte)));
    await flipBit(chunkPath(directory, first), 0);
    const report = await cache.verify();
    expect(report).toMatchObject({ damaged: [first], affected: [cid, other.cid].sort() });
    expect(cache.stat(other.cid)).toMatchObject({ complete: false, present: 1 });
  });

  test("a damaged root node costs only itself", async () => {
    const { directory, cache } = await storeContent();
    const root = content.blocks.keys().find((digest) => !leafDigests(content.bytes).includes(digest));
    await flipBit(chunkPath(directory, root!), 77);
    expect(await cache.readBlock(cid, root!)).toBeUndefined();
    const writer = await cache.open(content.address);
    expect(writer.missing().map(({ kind }) => kind)).toEqual(["node"]);
    await fetchAll(writer, content);
    expect(writer.complete).toBe(true);
  });

  test("a scrub can be cancelled", async () => {
    const { cache } = await storeContent();
    await expect(cache.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });
});
