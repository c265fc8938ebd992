import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { chunkSize, sha256, toHex } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import {
  chunkPath,
  changeRows,
  chunksOn,
  closedStore,
  fetchAll,
  type LogLine,
  memoryLogger,
  openStore,
} from "./fixtures/support.ts";

const content = remoteContent(bytesOf(chunkSize + 10));
const { cid } = content.address;
const [first = ""] = leafDigests(content.bytes);

async function opened(directory: string): Promise<{ cache: ContentCache; log: LogLine[] }> {
  const log: LogLine[] = [];
  return { cache: await openStore(directory, { logger: memoryLogger(log) }), log };
}

function order(level: string, fields: { lost: number; adopted: number; removed: number }): LogLine {
  return { level, message: "The content store was brought in order", fields };
}

describe("a start", () => {
  test("of a store that is in order changes nothing, and says nothing", async () => {
    const { cache, log } = await opened(await closedStore(content.bytes));
    expect(log).toEqual([]);
    expect(cache.stat(cid)).toMatchObject({ complete: true, pins: ["own"] });
  });

  test("finds every row without a file, however many they are", async () => {
    const directory = await closedStore(content.bytes);
    const rows = Array.from({ length: 2050 }, (_, at) => `('${at.toString(16).padStart(64, "0")}', 1)`);
    changeRows(directory, `INSERT INTO block (digest, bytes) VALUES ${rows.join()}`);
    const { cache, log } = await opened(directory);
    expect(log).toEqual([order("warn", { lost: 2050, adopted: 0, removed: 0 })]);
    expect(cache.status().bytes).toBe([...content.blocks.values()].reduce((sum, block) => sum + block.byteLength, 0));
  });

  test("takes a chunk whose row was lost, and does not touch the others", async () => {
    const directory = await closedStore(content.bytes);
    changeRows(directory, `DELETE FROM block WHERE digest = '${first}'`);
    const { cache, log } = await opened(directory);
    expect(log).toEqual([order("info", { lost: 0, adopted: 1, removed: 0 })]);
    expect(cache.hasBlock(first)).toBe(true);
    expect((await cache.verify()).checkedChunks).toBe(3);
  });

  test("removes what nothing needs, with a row or without", async () => {
    const directory = await closedStore(content.bytes);
    const [listed, unlisted] = [bytesOf(10, 8), bytesOf(10, 9)];
    for (const bytes of [listed, unlisted]) {
      const path = chunkPath(directory, toHex(sha256(bytes)));
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, bytes);
    }
    changeRows(directory, `INSERT INTO block (digest, bytes) VALUES ('${toHex(sha256(listed))}', 10)`);
    const { cache, log } = await opened(directory);
    expect(log).toEqual([order("info", { lost: 0, adopted: 0, removed: 2 })]);
    expect(await chunksOn(directory)).toEqual([...content.blocks.keys()].toSorted());
    expect([listed, unlisted].map((bytes) => cache.hasBlock(toHex(sha256(bytes))))).toEqual([false, false]);
  });

  test("does not take more than a chunk for one, though its name is right", async () => {
    const directory = await closedStore(content.bytes);
    const large = bytesOf(chunkSize + 1);
    const digest = toHex(sha256(large));
    const path = chunkPath(directory, digest);
    changeRows(
      directory,
      `UPDATE part SET digest = '${digest}' WHERE digest = '${first}'; UPDATE content SET complete = 0`,
    );
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, large);
    const { cache, log } = await opened(directory);
    expect(log).toEqual([order("info", { lost: 0, adopted: 0, removed: 2 })]);
    expect(cache.hasBlock(digest)).toBe(false);
    expect(cache.stat(cid)).toMatchObject({ complete: false, present: 1 });
  });

  test.each<[string, (path: string) => Promise<unknown>]>([
    ["a folder", (path) => mkdir(join(path, "inside"), { recursive: true })],
    ["another chunk", (path) => writeFile(path, bytesOf(chunkSize, 3))],
  ])("does not take %s for a chunk, and has it fetched again", async (_, make) => {
    const directory = await closedStore(content.bytes);
    const path = chunkPath(directory, first);
    changeRows(directory, `DELETE FROM block WHERE digest = '${first}'; UPDATE content SET complete = 0`);
    await rm(path);
    await make(path);
    const { cache, log } = await opened(directory);
    expect(log).toEqual([order("info", { lost: 0, adopted: 0, removed: 1 })]);
    const writer = await cache.open(content.address);
    expect((await fetchAll(writer, content)).map(({ digest }) => digest)).toEqual([first]);
    expect(cache.stat(cid)).toMatchObject({ complete: true, pins: ["own"] });
  });
});
