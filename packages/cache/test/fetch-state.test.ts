import { open, truncate } from "node:fs/promises";

import { type BlockRef, chunkSize, type Logger } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import { chunkPath, collect, fetchAll, isSame, memoryLogger, openStore, temporaryFolder } from "./fixtures/support.ts";

/** Two leaves under a root: the smallest content with a tree. */
const pair = remoteContent(bytesOf(chunkSize + 10));
const [firstDigest = "", lastDigest = ""] = leafDigests(pair.bytes);
const { cid } = pair.address;
const last = pair.bytes.subarray(chunkSize);

type Writer = Awaited<ReturnType<ContentCache["open"]>>;

function put(writer: Writer, block: BlockRef | undefined, release?: () => void): Promise<void> {
  return writer.put(block!, pair.blocks.get(block!.digest)!, release);
}

/** A writer of the pair that knows its tree, and the leaves it asks for. */
async function openPair(cache: ContentCache): Promise<{ writer: Writer; leaves: readonly BlockRef[] }> {
  const writer = await cache.open(pair.address);
  await put(writer, writer.missing()[0]);
  return { writer, leaves: [...writer.missing()] };
}

/** A store of an earlier process in which every block of the pair is, and nobody finished it. */
async function unfinished(logger?: Logger): Promise<{ directory: string; cache: ContentCache }> {
  const directory = await temporaryFolder();
  const before = await openStore(directory);
  const { writer, leaves } = await openPair(before);
  await Promise.all(leaves.map((leaf) => put(writer, leaf)));
  await before.close();
  return { directory, cache: await openStore(directory, logger === undefined ? {} : { logger }) };
}

async function spoil(directory: string, digest: string): Promise<void> {
  const file = await open(chunkPath(directory, digest), "r+");
  await file.write(Uint8Array.of(0x55), 0, 1, 3);
  await file.close();
}

describe("what is asked for", () => {
  test("is the root, then every digest once, where it stands first", async () => {
    const chunk = bytesOf(chunkSize, 3);
    const remote = remoteContent(new Uint8Array(Buffer.concat([chunk, chunk, bytesOf(10, 4)])));
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(remote.address);
    expect(writer.missing().map(({ kind, index }) => [kind, index])).toEqual([["node", 0]]);
    const [root] = writer.missing();
    await writer.put(root!, remote.blocks.get(root!.digest)!);
    expect(writer.missing().map(({ kind, index, size }) => [kind, index, size])).toEqual([
      ["leaf", 0, chunkSize],
      ["leaf", 2, 10],
    ]);
    expect(await fetchAll(writer, remote)).toHaveLength(2);
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
  });

  test("grows again by what turns out to be damaged, and does not by what is put twice", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const { writer, leaves } = await openPair(cache);
    await put(writer, leaves[1]);
    await put(writer, leaves[1]);
    expect(writer.missing()).toEqual([leaves[0]]);
    await put(writer, leaves[0]);
    expect(writer.missing()).toEqual([]);
    await writer.finish();
    await truncate(chunkPath(directory, lastDigest), 2);
    expect(await cache.readBlock(cid, lastDigest)).toBeUndefined();
    expect((await cache.open(pair.address)).missing()).toEqual([leaves[1]]);
  });

  test("is only what is not here when an earlier process began", async () => {
    const directory = await temporaryFolder();
    const before = await openStore(directory);
    const { writer, leaves } = await openPair(before);
    await put(writer, leaves[1]);
    await before.close();
    const cache = await openStore(directory);
    const resumed = await cache.open(pair.address);
    expect(resumed.missing()).toEqual([leaves[0]]);
    expect(cache.stat(cid)).toMatchObject({ complete: false, chunks: 2, present: 1 });
    await put(resumed, leaves[0]);
    await resumed.finish();
    expect(isSame(await collect(cache.read(cid)), pair.bytes)).toBe(true);
  });

  test("counts what is not here in the error of a finish that comes too early", async () => {
    const { writer, leaves } = await openPair(await openStore(await temporaryFolder()));
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing", got: "2 blocks are not here" });
    await put(writer, leaves[0]);
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing", got: "1 blocks are not here" });
  });
});

describe("a lent buffer", () => {
  test("of a leaf that came before its turn is kept until it is hashed, of others only until it is written", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    const released: string[] = [];
    const lend = (block: BlockRef | undefined): Promise<void> =>
      put(writer, block, () => released.push(`${block!.kind} ${block!.index}`));
    const [root] = writer.missing();
    await lend(root);
    expect(released).toEqual(["node 0"]);
    const [first, second] = writer.missing();
    await lend(second);
    expect(released).toEqual(["node 0"]);
    await lend(first);
    expect(released.toSorted()).toEqual(["leaf 0", "leaf 1", "node 0"]);
    await writer.finish();
    expect(isSame(await collect(cache.read(cid)), pair.bytes)).toBe(true);
    expect(released).toHaveLength(3);
  });

  test("of a leaf that was hashed before is given back when it is written again", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const { writer, leaves } = await openPair(cache);
    for (const leaf of leaves) await put(writer, leaf);
    await writer.finish();
    await spoil(directory, firstDigest);
    expect(await cache.readBlock(cid, firstDigest)).toBeUndefined();
    let released = 0;
    await put(writer, leaves[0], () => (released += 1));
    expect(released).toBe(1);
    await writer.finish();
    expect(isSame(await collect(cache.read(cid)), pair.bytes)).toBe(true);
  });

  test("waits with at most 31 others for an earlier leaf", async () => {
    const remote = remoteContent(bytesOf(33 * chunkSize + 1));
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(remote.address);
    await writer.put(writer.missing()[0]!, remote.blocks.get(writer.missing()[0]!.digest)!);
    const released: number[] = [];
    const [first, ...rest] = [...writer.missing()];
    for (const leaf of rest) {
      await writer.put(leaf, remote.blocks.get(leaf.digest)!, () => released.push(leaf.index));
    }
    // The first 24 were copied to where the disk and the hash read them; the rest wait in the buffers that were lent.
    expect(released).toEqual([...Array.from({ length: 24 }, (_, index) => index + 1), 33]);
    await writer.put(first!, remote.blocks.get(first!.digest)!);
    await writer.finish();
    expect(released).toHaveLength(33);
    expect(writer.complete).toBe(true);
  });
});

describe("who follows", () => {
  test("is told what is read back from the disk, each leaf once and in order", async () => {
    const { cache } = await unfinished();
    const writer = await cache.open(pair.address);
    expect(writer.missing()).toEqual([]);
    const told: Uint8Array[] = [];
    expect(writer.follow((leaf) => told.push(leaf))).toBe(true);
    await writer.finish();
    expect(told.map(({ byteLength }) => byteLength)).toEqual([chunkSize, 10]);
    expect(isSame(Buffer.concat(told), pair.bytes)).toBe(true);
  });

  test("may be several, is told nothing any more when its writer was closed, and cannot begin in the middle", async () => {
    const cache = await openStore(await temporaryFolder());
    const { writer, leaves } = await openPair(cache);
    const [other, third] = await Promise.all([cache.open(pair.address), cache.open(pair.address)]);
    const told: string[] = [];
    for (const [name, one] of Object.entries({ writer, other, third })) {
      expect(one.follow((leaf) => told.push(`${name} ${leaf.byteLength}`))).toBe(true);
    }
    other.close();
    await put(writer, leaves[0]);
    third.close();
    await put(writer, leaves[1]);
    expect(told).toEqual([`writer ${chunkSize}`, `third ${chunkSize}`, "writer 10"]);
    expect((await cache.open(pair.address)).follow(() => {})).toBe(false);
  });

  test("can have the finish cancelled between two leaves, and is told the rest later", async () => {
    const { cache } = await unfinished();
    const writer = await cache.open(pair.address);
    const controller = new AbortController();
    const told: number[] = [];
    writer.follow((leaf) => {
      told.push(leaf.byteLength);
      controller.abort();
    });
    await expect(writer.finish(controller.signal)).rejects.toMatchObject({ code: "aborted" });
    expect(told).toEqual([chunkSize]);
    expect(writer.complete).toBe(false);
    await writer.finish();
    expect(told).toEqual([chunkSize, 10]);
    expect(writer.complete).toBe(true);
  });
});

describe("a finish that finds damage", () => {
  test("finds all of it, and says how much", async () => {
    const { directory, cache } = await unfinished();
    for (const digest of [firstDigest, lastDigest]) await spoil(directory, digest);
    const writer = await cache.open(pair.address);
    expect(writer.missing()).toEqual([]);
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing", got: "2 blocks are not here" });
    expect(writer.missing().map(({ digest }) => digest)).toEqual([firstDigest, lastDigest]);
    expect(await fetchAll(writer, pair)).toHaveLength(2);
    expect(isSame(await cache.readBlock(cid, lastDigest), last)).toBe(true);
  });

  test("finds what is damaged in the middle too", async () => {
    const remote = remoteContent(bytesOf(2 * chunkSize + 10));
    const directory = await temporaryFolder();
    const before = await openStore(directory);
    const writer = await before.open(remote.address);
    for (let block = writer.missing()[0]; block !== undefined; block = writer.missing()[0]) {
      await writer.put(block, remote.blocks.get(block.digest)!);
    }
    await before.close();
    const cache = await openStore(directory);
    for (const digest of leafDigests(remote.bytes)) await spoil(directory, digest);
    const resumed = await cache.open(remote.address);
    await expect(resumed.finish()).rejects.toMatchObject({ got: "3 blocks are not here" });
  });

  test("looks no further when it is cancelled meanwhile", async () => {
    const controller = new AbortController();
    const cancelling: Logger = { ...memoryLogger([]), log: () => controller.abort() };
    const { directory, cache } = await unfinished(cancelling);
    for (const digest of [firstDigest, lastDigest]) await spoil(directory, digest);
    const writer = await cache.open(pair.address);
    await expect(writer.finish(controller.signal)).rejects.toMatchObject({ code: "content.missing" });
    expect(writer.missing().map(({ digest }) => digest)).toEqual([firstDigest]);
  });
});
