import { writeFileSync } from "node:fs";
import { rename, rm, symlink } from "node:fs/promises";

import { type BlockRef, chunkSize } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import { hold, refuse } from "./fixtures/disk.ts";
import {
  chunkPath,
  chunksOn,
  collect,
  fetchAll,
  isSame,
  type LogLine,
  memoryLogger,
  openStore,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";

/** Two leaves under a root: the smallest content with a tree. */
const pair = remoteContent(bytesOf(chunkSize + 10));
const { cid } = pair.address;
const leaves = leafDigests(pair.bytes);
const rootDigest = pair.blocks.keys().find((digest) => !leaves.includes(digest))!;
/** The same content as somebody names it who does not know it, or lies. */
const misnamed = { ...pair.address, sha256: "1".repeat(64) };

type Writer = Awaited<ReturnType<ContentCache["open"]>>;

function put(writer: Writer, block: BlockRef | undefined): Promise<void> {
  return writer.put(block!, pair.blocks.get(block!.digest)!);
}

async function putAll(writer: Writer): Promise<void> {
  for (let [block] = writer.missing(); block !== undefined; [block] = writer.missing()) await put(writer, block);
}

test("what is under way when the store is closed is aborted, not an error of its database", async () => {
  const cache = await openStore(await temporaryFolder());
  const writer = await cache.open(pair.address);
  const [root] = writer.missing();
  await put(writer, root);
  const [leaf] = writer.missing();
  await cache.close();
  const closed = { name: "GgenError", code: "aborted", message: "The content store was closed" };
  expect(() => writer.missing()).toThrow(expect.objectContaining(closed));
  await expect(put(writer, leaf)).rejects.toMatchObject(closed);
  await expect(writer.finish()).rejects.toMatchObject({ name: "GgenError" });
});

describe("a writer that is open", () => {
  test("keeps its content, as the last that was used, until it is closed", async () => {
    const cache = await openStore(await temporaryFolder());
    const one = await cache.add(sourceOf(bytesOf(10, 1)));
    const two = await cache.add(sourceOf(bytesOf(10, 2)));
    const writer = await cache.open(one);
    await cache.gc();
    expect(cache.contents().map(({ content }) => content.cid)).toEqual([two.cid, one.cid]);
    expect(await cache.drop(one.cid)).toBe(false);
    writer.close();
    expect(await cache.drop(one.cid)).toBe(true);
  });

  test("and took nothing leaves nothing, whatever it asked for", async () => {
    const cache = await openStore(await temporaryFolder());
    for (const { address } of [pair, remoteContent(bytesOf(10))]) {
      const writer = await cache.open(address);
      expect(writer.missing()).toHaveLength(1);
      writer.close();
    }
    expect(cache.status()).toMatchObject({ contents: 0, bytes: 0 });
  });

  test("knows a content of exactly the cap", async () => {
    const cache = await openStore(await temporaryFolder(), { maxPackageBytes: pair.address.size });
    const writer = await cache.open(pair.address);
    await fetchAll(writer, pair);
    expect(writer.complete).toBe(true);
    const larger = remoteContent(bytesOf(chunkSize + 11));
    await expect(cache.open(larger.address)).rejects.toMatchObject({ code: "archive.too-large" });
  });

  test("takes nothing and says nothing any more once it is closed", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    const [root] = writer.missing();
    writer.close();
    const closed = expect.objectContaining({ code: "aborted" });
    expect(() => writer.missing()).toThrow(closed);
    expect(() => writer.follow(() => {})).toThrow(closed);
    await expect(put(writer, root)).rejects.toEqual(closed);
    await expect(writer.finish()).rejects.toEqual(closed);
    expect(cache.stat(cid)).toBeUndefined();
  });

  test("has what it took on its way to the disk when it is closed", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    await put(writer, writer.missing()[0]);
    expect(cache.status().bytes).toBe(0);
    writer.close();
    await expect.poll(() => cache.status().bytes).toBe(pair.blocks.get(rootDigest)!.byteLength);
  });

  test("leaves nothing of itself to those who open the content after it", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    await put(writer, writer.missing()[0]);
    await put(writer, writer.missing()[0]);
    const beside = await cache.open(pair.address);
    expect(beside.follow(() => {})).toBe(false);
    writer.close();
    expect((await cache.open(pair.address)).follow(() => {})).toBe(false);
  });

  test("and is the last of its content takes what is known of the hash with it", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    await put(writer, writer.missing()[0]);
    await put(writer, writer.missing()[0]);
    writer.close();
    const after = await cache.open(pair.address);
    const told: number[] = [];
    expect(after.follow((leaf) => told.push(leaf.byteLength))).toBe(true);
    await fetchAll(after, pair);
    expect(told).toEqual([chunkSize, 10]);
  });

  test("tells nobody of a content that is complete", async () => {
    const cache = await openStore(await temporaryFolder());
    await cache.add(sourceOf(pair.bytes));
    const writer = await cache.open(pair.address);
    expect(writer.complete).toBe(true);
    expect(writer.missing()).toEqual([]);
    expect(writer.follow(() => {})).toBe(false);
    await writer.finish();
  });

  test("cannot be had when the disk refuses, and does not keep the content then", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    // The root is here, as a content by itself, and is read to learn the tree.
    await cache.add(sourceOf(pair.blocks.get(rootDigest)!));
    const path = chunkPath(directory, rootDigest);
    await rename(path, `${path}.aside`);
    await symlink(path, path);
    await expect(cache.open(pair.address)).rejects.toMatchObject({ code: "storage.failed" });
    await rm(path);
    await rename(`${path}.aside`, path);
    const writer = await cache.open(pair.address);
    expect(await fetchAll(writer, pair)).toHaveLength(2);
    writer.close();
    expect(await cache.drop(cid)).toBe(true);
  });
});

describe("a finish", () => {
  test("makes room for the content", async () => {
    const cache = await openStore(await temporaryFolder(), { maxBytes: chunkSize + 5000 });
    const old = await cache.add(sourceOf(bytesOf(9000)));
    const writer = await cache.open(pair.address);
    await fetchAll(writer, pair);
    expect(cache.stat(old.cid)).toBeUndefined();
    expect(cache.stat(cid)).toMatchObject({ complete: true });
    expect(cache.status().evictions).toBe(1);
  });

  test("fails when what was taken could not be kept, and works when it is fetched again", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    const other = await cache.open(pair.address);
    const allow = await refuse("sync", "ENOSPC");
    await putAll(writer);
    // The commit that fails is begun by somebody else, who does not wait for it.
    other.close();
    await expect(writer.finish()).rejects.toMatchObject({ code: "storage.full" });
    expect(writer.complete).toBe(false);
    allow();
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing" });
    expect(await fetchAll(writer, pair)).toHaveLength(3);
    expect(isSame(await collect(cache.read(cid)), pair.bytes)).toBe(true);
  });

  test("by a wrong sha256 drops the content, says so, and whoever comes next begins anew", async () => {
    const directory = await temporaryFolder();
    const log: LogLine[] = [];
    const cache = await openStore(directory, { logger: memoryLogger(log) });
    const liar = await cache.open(misnamed);
    await expect(fetchAll(liar, pair)).rejects.toMatchObject({
      code: "content.mismatch",
      expected: misnamed.sha256,
      got: pair.address.sha256,
    });
    expect(log).toEqual([{ level: "warn", message: "A content did not match its signed sha256", fields: { cid } }]);
    expect(await chunksOn(directory)).toEqual([]);
    const [one, two] = [await cache.open(pair.address), await cache.open(pair.address)];
    liar.close();
    expect(one.missing()).toHaveLength(1);
    await put(one, one.missing()[0]);
    await put(one, one.missing()[0]);
    // It shares what is known with those before, whatever the liar took with it.
    expect((await cache.open(pair.address)).follow(() => {})).toBe(false);
    await fetchAll(two, pair);
    expect(cache.stat(cid)).toMatchObject({ complete: true, content: pair.address });
  });

  test("by a wrong sha256 leaves a content that is pinned", async () => {
    const cache = await openStore(await temporaryFolder());
    const liar = await cache.open(misnamed);
    await put(liar, liar.missing()[0]);
    await cache.pin(cid, "own");
    await expect(fetchAll(liar, pair)).rejects.toMatchObject({ code: "content.mismatch" });
    expect(cache.stat(cid)).toMatchObject({ complete: false, present: 2 });
    liar.close();
    const writer = await cache.open(pair.address);
    await writer.finish();
    expect(isSame(await collect(cache.read(cid)), pair.bytes)).toBe(true);
  });

  test.each([
    ["sha256", misnamed],
    ["size", { ...pair.address, size: pair.address.size + 1 }],
  ])("by a wrong %s does not take away what was finished meanwhile", async (_, address) => {
    const cache = await openStore(await temporaryFolder());
    const liar = await cache.open(address);
    const honest = await cache.open(pair.address);
    await fetchAll(honest, pair);
    honest.close();
    expect(liar.complete).toBe(false);
    await expect(liar.finish()).rejects.toMatchObject({ code: "content.mismatch" });
    expect(cache.stat(cid)).toMatchObject({ complete: true });
    liar.close();
    await expect(cache.open(address)).rejects.toMatchObject({ code: "content.mismatch" });
  });

  test.runIf(process.platform === "linux")(
    "does not overlook what was found damaged while it read the rest",
    async () => {
      const directory = await temporaryFolder();
      const before = await openStore(directory);
      await putAll(await before.open(pair.address));
      await before.close();
      const cache = await openStore(directory);
      const writer = await cache.open(pair.address);
      const [first = "", last = ""] = leaves;
      const proceed = await hold("read", chunkPath(directory, last));
      let found: Promise<unknown> | undefined;
      writer.follow(() => {
        writeFileSync(chunkPath(directory, first), "x");
        found ??= cache.readBlock(cid, first).then((bytes) => {
          proceed();
          return bytes;
        });
      });
      await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing", got: "1 blocks are not here" });
      expect(await found).toBeUndefined();
      expect(writer.complete).toBe(false);
      expect((await fetchAll(writer, pair)).map(({ digest }) => digest)).toEqual([first]);
    },
  );

  test("of a content that is complete has nothing to look at", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    await cache.add(sourceOf(pair.bytes));
    const writer = await cache.open(pair.address);
    await rm(chunkPath(directory, leaves[1]!));
    await writer.finish();
    expect(writer.complete).toBe(true);
  });

  test("may be asked for twice at once", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    await putAll(writer);
    await Promise.all([writer.finish(), writer.finish()]);
    expect(writer.complete).toBe(true);
  });
});
