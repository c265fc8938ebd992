import { readFile, rm, symlink, writeFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";

import { chunkSize } from "@ggen/p2p-types";
import { describe, expect, onTestFinished, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import { chunkPath, collect, isSame, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

const triple = remoteContent(bytesOf(2 * chunkSize + 10));
const { cid } = triple.address;
const digests = leafDigests(triple.bytes);

async function stored(): Promise<{ directory: string; cache: ContentCache }> {
  const directory = await temporaryFolder();
  const cache = await openStore(directory);
  await cache.add(sourceOf(triple.bytes));
  return { directory, cache };
}

/** A reader that is asked for one piece after another. */
function begin(cache: ContentCache, ...given: Parameters<ContentCache["read"]>): AsyncIterator<Uint8Array> {
  return cache.read(...given)[Symbol.asyncIterator]();
}

describe("what is told of a content", () => {
  /** Ten leaves, of which all but the last are the same. */
  const many = remoteContent(new Uint8Array(9 * chunkSize + 10));
  const [zeros = "", last = ""] = [...new Set(leafDigests(many.bytes))];

  test("is every leaf that is here, each place of it, before and after it is on the disk", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const writer = await cache.open(many.address);
    const put = async (at: number): Promise<void> => {
      const block = writer.missing()[at]!;
      await writer.put(block, many.blocks.get(block.digest)!);
    };
    const told = (): unknown[] => [cache.stat(many.address.cid)?.present, [...(cache.haveMap(many.address.cid) ?? [])]];
    expect([cache.stat(many.address.cid), cache.haveMap(many.address.cid)]).toEqual([undefined, undefined]);
    await put(0);
    expect(told()).toEqual([0, [0, 0]]);
    await put(1);
    expect(told()).toEqual([1, [0, 2]]);
    await cache.gc();
    expect(told()).toEqual([1, [0, 2]]);
    await put(0);
    expect(told()).toEqual([10, [255, 3]]);
    await writer.finish();
    expect(told()).toEqual([10, [255, 3]]);
    await rm(chunkPath(directory, last));
    expect(await cache.findBlock(last)).toBeUndefined();
    expect(told()).toEqual([9, [255, 1]]);
    await rm(chunkPath(directory, zeros));
    expect(await cache.findBlock(zeros)).toBeUndefined();
    expect(told()).toEqual([0, [0, 0]]);
  });

  test("is nothing when none of its blocks is here any more", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const { cid: lost, sha256 } = await cache.add(sourceOf(bytesOf(10)));
    await rm(chunkPath(directory, sha256));
    expect(await cache.findBlock(sha256)).toBeUndefined();
    expect([cache.stat(lost), cache.haveMap(lost), cache.contents()]).toEqual([undefined, undefined, []]);
  });
});

describe("a content that is read", () => {
  test("is kept and the last that was used, until the reader has ended", async () => {
    const { cache } = await stored();
    const other = await cache.add(sourceOf(bytesOf(10)));
    const reader = begin(cache, cid);
    expect(isSame((await reader.next()).value, triple.bytes.subarray(0, chunkSize))).toBe(true);
    await cache.gc();
    expect(cache.contents().map(({ content }) => content.cid)).toEqual([other.cid, cid]);
    expect(await cache.drop(cid)).toBe(false);
    await reader.return?.();
    expect(await cache.drop(cid)).toBe(true);
    expect(await collect(cache.read(other.cid))).toHaveLength(10);
    expect(await cache.drop(other.cid)).toBe(true);
  });

  test("gives nothing for a range without bytes", async () => {
    const { cache } = await stored();
    for (const at of [0, 5, chunkSize, triple.bytes.byteLength]) {
      expect(await begin(cache, cid, { start: at, end: at }).next()).toMatchObject({ done: true });
    }
  });

  test.each([
    [0, 10],
    [chunkSize - 1, chunkSize + 1],
    [5, 2 * chunkSize + 5],
    [chunkSize + 5, chunkSize + 7],
    [chunkSize, chunkSize + 1],
    [2 * chunkSize + 9, 2 * chunkSize + 10],
  ])("gives the bytes from %i to %i", async (start, end) => {
    const { cache } = await stored();
    expect(isSame(await collect(cache.read(cid, { start, end })), triple.bytes.subarray(start, end))).toBe(true);
  });

  test("is read from the chunks of the range alone", async () => {
    const { directory, cache } = await stored();
    for (const digest of [digests[0]!, digests[2]!]) await writeFile(chunkPath(directory, digest), "x");
    const range = { start: chunkSize, end: 2 * chunkSize };
    expect(isSame(await collect(cache.read(cid, range)), triple.bytes.subarray(range.start, range.end))).toBe(true);
    expect(cache.stat(cid)).toMatchObject({ complete: true });
  });

  test("can be cancelled between two chunks", async () => {
    const { cache } = await stored();
    const controller = new AbortController();
    const reader = begin(cache, cid, undefined, controller.signal);
    await reader.next();
    controller.abort();
    await expect(reader.next()).rejects.toMatchObject({ code: "aborted" });
    expect(await cache.drop(cid)).toBe(true);
    const unused = new AbortController();
    const other = await cache.add(sourceOf(bytesOf(10)));
    expect(await collect(cache.read(other.cid, undefined, unused.signal))).toHaveLength(10);
  });

  test("says which chunk is damaged, and gives those before it", async () => {
    const { directory, cache } = await stored();
    await writeFile(chunkPath(directory, digests[1]!), "x");
    const reader = begin(cache, cid);
    await reader.next();
    await expect(reader.next()).rejects.toMatchObject({
      code: "content.mismatch",
      hint: expect.stringContaining("again"),
      data: { digest: digests[1] },
    });
    await expect(collect(cache.read(cid))).rejects.toMatchObject({ code: "content.missing" });
  });

  test("is given as far as the disk lets it be read, and whoever stops before does not learn of the rest", async () => {
    const { directory, cache } = await stored();
    const path = chunkPath(directory, digests[1]!);
    const bytes = await readFile(path);
    await rm(path);
    await symlink(path, path);
    const unheard: unknown[] = [];
    const note = (error: unknown): void => void unheard.push(error);
    process.on("unhandledRejection", note);
    onTestFinished(() => void process.off("unhandledRejection", note));
    const early = begin(cache, cid);
    await early.next();
    // What was read ahead has failed by the time that another read of it has.
    await expect(cache.findBlock(digests[1]!)).rejects.toMatchObject({ code: "storage.failed" });
    await setImmediate();
    await early.return?.();
    expect(unheard).toEqual([]);
    const late = begin(cache, cid);
    await late.next();
    await expect(late.next()).rejects.toMatchObject({ code: "storage.failed" });
    await rm(path);
    await writeFile(path, bytes);
    expect(isSame(await collect(cache.read(cid)), triple.bytes)).toBe(true);
    expect(await cache.drop(cid)).toBe(true);
  });
});
