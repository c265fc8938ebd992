import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import {
  chunksOn,
  collect,
  isSame,
  fetchAll,
  mebibyte,
  openStore,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";

const kilobyte = 1000;

describe("quota", () => {
  test("the least recently used content goes first", async () => {
    const cache = await openStore(await temporaryFolder(), { maxBytes: 25 * kilobyte });
    const [a, b] = [
      await cache.add(sourceOf(bytesOf(10 * kilobyte, 1))),
      await cache.add(sourceOf(bytesOf(10 * kilobyte, 2))),
    ];
    await collect(cache.read(a.cid));
    const c = await cache.add(sourceOf(bytesOf(10 * kilobyte, 3)));
    expect([a, b, c].map(({ cid }) => cache.stat(cid)?.complete)).toEqual([true, undefined, true]);
    expect(cache.status()).toMatchObject({ bytes: 20 * kilobyte, evictableBytes: 20 * kilobyte, evictions: 1 });
  });

  test("the order of use outlives the process", async () => {
    const directory = await temporaryFolder();
    const first = await openStore(directory);
    const [a, b] = [
      await first.add(sourceOf(bytesOf(10 * kilobyte, 1))),
      await first.add(sourceOf(bytesOf(10 * kilobyte, 2))),
    ];
    await collect(first.read(a.cid));
    await first.close();
    const second = await openStore(directory, { maxBytes: 15 * kilobyte });
    expect(await second.gc()).toEqual({ freedBytes: 10 * kilobyte, contents: 1 });
    expect([a, b].map(({ cid }) => second.stat(cid)?.complete)).toEqual([true, undefined]);
    expect(await second.gc()).toEqual({ freedBytes: 0, contents: 0 });
  });

  test("pinned, leased and open contents stay, and do not count", async () => {
    const cache = await openStore(await temporaryFolder(), { maxBytes: 0 });
    const pinned = await cache.add(sourceOf(bytesOf(kilobyte, 1)), undefined, "own");
    const leased = await cache.add(sourceOf(bytesOf(kilobyte, 2)));
    const release = cache.lease(leased.cid);
    const remote = remoteContent(bytesOf(kilobyte, 3));
    const writer = await cache.open(remote.address);
    await fetchAll(writer, remote);
    await cache.gc();
    expect(cache.status()).toMatchObject({ bytes: 3 * kilobyte, evictableBytes: 0, contents: 3, pinned: 1 });
    release();
    release();
    writer.close();
    await cache.gc();
    expect(cache.contents().map(({ content }) => content)).toEqual([pinned]);
    await cache.unpin(pinned.cid, "another reason");
    await cache.gc();
    expect(cache.contents()).toHaveLength(1);
    await cache.unpin(pinned.cid, "own");
    await cache.gc();
    expect(cache.contents()).toEqual([]);
  });

  test("a content is kept while it is read", async () => {
    const cache = await openStore(await temporaryFolder(), { maxBytes: 0 });
    const bytes = bytesOf(3 * mebibyte);
    const { cid } = await cache.add(sourceOf(bytes));
    const pieces: Uint8Array[] = [];
    for await (const piece of cache.read(cid)) {
      await cache.gc();
      pieces.push(piece);
    }
    expect(isSame(Buffer.concat(pieces), bytes)).toBe(true);
    await cache.gc();
    expect(cache.stat(cid)).toBeUndefined();
    const again = await cache.add(sourceOf(bytes));
    for await (const piece of cache.read(again.cid)) {
      expect(piece).toHaveLength(mebibyte);
      break;
    }
    expect((await cache.gc()).contents).toBe(1);
  });

  test("a chunk that a pinned content needs stays when another that has it goes", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory, { maxBytes: 0 });
    const shared = bytesOf(mebibyte);
    const pinned = await cache.add(sourceOf(Buffer.concat([shared, bytesOf(5, 5)])), undefined, "own");
    await cache.add(sourceOf(Buffer.concat([shared, bytesOf(6, 6)])));
    await cache.gc();
    expect(await collect(cache.read(pinned.cid))).toHaveLength(mebibyte + 5);
    expect(await chunksOn(directory)).toHaveLength(3);
    expect(await cache.drop(pinned.cid)).toBe(false);
    await cache.unpin(pinned.cid, "own");
    expect(await cache.drop(pinned.cid)).toBe(true);
    expect(await cache.drop(pinned.cid)).toBe(false);
    expect(await chunksOn(directory)).toEqual([]);
  });

  test("what an abandoned fetch left is evicted like the rest, staged or not", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory, { maxBytes: 0 });
    const remote = remoteContent(bytesOf(3 * mebibyte));
    const writer = await cache.open(remote.address);
    for (let round = 0; round < 2; round += 1) {
      const [block] = writer.missing();
      await writer.put(block!, remote.blocks.get(block!.digest)!);
    }
    writer.close();
    await cache.gc();
    expect(cache.contents()).toEqual([]);
    await cache.close();
    expect(await chunksOn(directory)).toEqual([]);
  });

  test("the reason of a pin is checked, and pins of one content add up", async () => {
    const cache = await openStore(await temporaryFolder());
    const { cid } = await cache.add(sourceOf(bytesOf(10)));
    for (const reason of ["", "x".repeat(65)]) {
      await expect(cache.pin(cid, reason)).rejects.toMatchObject({ code: "usage.invalid" });
    }
    await cache.pin(cid, "user");
    await cache.pin(cid, "installed");
    await cache.pin(cid, "user");
    expect(cache.stat(cid)?.pins).toEqual(["installed", "user"]);
  });
});
