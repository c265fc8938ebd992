import {
  type BlockRef,
  blockCid,
  buildFileDag,
  chunkSize,
  type ContentAddress,
  type ContentWriter,
  dagPbCodec,
  leafEntry,
  rawCodec,
  sha256,
  toHex,
} from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { parseContentCid } from "../src/address.ts";
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

const small = remoteContent(bytesOf(100));
const large = remoteContent(bytesOf(2 * mebibyte + 3));

const upper = (text: string): string => text.toUpperCase();

async function openLarge(): Promise<{ directory: string; writer: ContentWriter; root: BlockRef }> {
  const directory = await temporaryFolder();
  const cache = await openStore(directory);
  const writer = await cache.open(large.address);
  return { directory, writer, root: writer.missing()[0]! };
}

describe("hostile addresses", () => {
  test.each<[string, ContentAddress]>([
    ["a path as CID", { ...small.address, cid: "../../etc/passwd" }],
    ["an endless CID", { ...small.address, cid: "b".repeat(1_000_000) }],
    ["another spelling of the CID", { ...small.address, cid: small.address.cid.toUpperCase() }],
    ["one letter of the CID in upper case", { ...small.address, cid: small.address.cid.replace(/[a-z]$/, upper) }],
    [
      "a CID of another codec",
      { ...small.address, cid: "bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua" },
    ],
    ["an identity hash", { ...small.address, cid: "bafkqaaa" }],
    ["a path as sha256", { ...large.address, sha256: "../".repeat(21) + "x" }],
    ["no bytes", { ...small.address, size: 0 }],
    ["fewer than no bytes", { ...small.address, size: -1 }],
    ["a size that is no number", { ...small.address, size: Number.NaN }],
    ["a bare leaf of over one chunk", { ...small.address, size: chunkSize + 1 }],
    ["a tree of one chunk", { ...large.address, size: chunkSize }],
    ["a bare leaf with another sha256", { ...small.address, sha256: "0".repeat(64) }],
  ])("%s is refused", async (_, address) => {
    const cache = await openStore(await temporaryFolder());
    await expect(cache.open(address)).rejects.toMatchObject({ code: "content.mismatch" });
    expect(cache.contents()).toEqual([]);
  });

  test("a content over the cap is refused before anything is fetched", async () => {
    const cache = await openStore(await temporaryFolder(), { maxPackageBytes: 2 * mebibyte });
    await expect(cache.open(large.address)).rejects.toMatchObject({ code: "archive.too-large" });
  });

  test("no text makes a CID that is not spelt as we spell it", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (text) => parseContentCid(text) === undefined),
    );
    for (let at = 1; at < small.address.cid.length; at++) {
      const [before, letter, after] = [small.address.cid.slice(0, at), upper(small.address.cid[at] ?? ""), at + 1];
      const spelling = `${before}${letter}${small.address.cid.slice(after)}`;
      if (spelling !== small.address.cid) expect(parseContentCid(spelling)).toBeUndefined();
    }
    expect(parseContentCid(small.address.cid)).toEqual({ digest: small.address.sha256, kind: "leaf" });
  });

  test("a known content is not opened under another size or sha256", async () => {
    const cache = await openStore(await temporaryFolder());
    await cache.add(sourceOf(large.bytes));
    await expect(cache.open({ ...large.address, size: large.address.size + 1 })).rejects.toMatchObject({
      code: "content.mismatch",
    });
    await expect(cache.open({ ...large.address, sha256: "0".repeat(64) })).rejects.toMatchObject({
      code: "content.mismatch",
    });
    expect(isSame(await collect(cache.read(large.address.cid)), large.bytes)).toBe(true);
  });
});

describe("hostile blocks", () => {
  test.each<[string, (root: BlockRef) => BlockRef]>([
    ["a digest that is a path", (root) => ({ ...root, digest: "../../x" })],
    ["another digest", (root) => ({ ...root, digest: "0".repeat(64) })],
    ["another size", (root) => ({ ...root, size: root.size + 1 })],
    ["another place", (root) => ({ ...root, index: 1 })],
    ["another kind", (root) => ({ ...root, kind: "leaf" })],
  ])("a block under %s is refused", async (_, change) => {
    const { directory, writer, root } = await openLarge();
    const bytes = large.blocks.get(root.digest)!;
    await expect(writer.put(change(root), bytes)).rejects.toMatchObject({ code: "content.mismatch" });
    expect(await chunksOn(directory)).toEqual([]);
  });

  test("bytes that are not those of the digest are refused, and the right ones are taken after", async () => {
    const { writer, root } = await openLarge();
    const right = large.blocks.get(root.digest)!;
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (wrong) => {
        await expect(writer.put(root, wrong)).rejects.toMatchObject({ code: "content.mismatch" });
      }),
      { examples: [[right.subarray(1)], [Uint8Array.from([...right, 0])], [new Uint8Array(300_000)]] },
    );
    await writer.put(root, right);
    const [leaf] = writer.missing();
    for (const wrong of [new Uint8Array(), new Uint8Array(leaf!.size), new Uint8Array(leaf!.size + 1)]) {
      await expect(writer.put(leaf!, wrong)).rejects.toMatchObject({ code: "content.mismatch" });
    }
    await fetchAll(writer, large);
    expect(writer.complete).toBe(true);
  });

  test("readBlock takes only digests that belong to the content", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    await cache.add(sourceOf(small.bytes));
    await cache.add(sourceOf(large.bytes));
    const digests = [
      "../../../../etc/passwd",
      "",
      "a".repeat(63),
      small.address.sha256,
      "A".repeat(64),
      "\0".repeat(64),
    ];
    for (const digest of digests) expect(await cache.readBlock(large.address.cid, digest)).toBeUndefined();
    expect(await cache.readBlock("../x", small.address.sha256)).toBeUndefined();
    expect(await cache.readBlock(small.address.cid, small.address.sha256)).toBeDefined();
  });
});

/** A content whose root is a block of the attacker's making: hash and CID are right, the shape may not be. */
function forged(block: Uint8Array, size: number): { address: ContentAddress; root: BlockRef } {
  const cid = blockCid(dagPbCodec, block);
  const digest = toHex(cid.multihash.digest);
  return {
    address: { cid: cid.toString(), size, sha256: "1".repeat(64) },
    root: { digest, kind: "node", size, index: 0 },
  };
}

describe("hostile trees", () => {
  const leaf = leafEntry(bytesOf(chunkSize));
  const tail = leafEntry(bytesOf(10));
  const good = buildFileDag([leaf, tail]).nodes[0]!.block;

  test.each<[string, Uint8Array, number]>([
    ["that says another size", good, 2 * chunkSize],
    ["of three leaves for two", buildFileDag([leaf, leaf, tail]).nodes[0]!.block, chunkSize + 10],
    ["whose short leaf is not the last", buildFileDag([tail, leaf]).nodes[0]!.block, chunkSize + 10],
    ["that is no node", bytesOf(100), chunkSize + 10],
    ["without bytes", new Uint8Array(), chunkSize + 10],
    ["over the cap for nodes", new Uint8Array(200_000), chunkSize + 10],
  ])("a root %s is refused and not kept", async (_, block, size) => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const { address, root } = forged(block, size);
    const writer = await cache.open(address);
    await expect(writer.put(root, block)).rejects.toMatchObject({ code: "content.mismatch" });
    expect(writer.missing()).toEqual([root]);
    expect(cache.stat(address.cid)).toBeUndefined();
    writer.close();
    await cache.close();
    expect(await chunksOn(directory)).toEqual([]);
  });

  test("a leaf that is here with another size does not count, and cannot be put", async () => {
    const cache = await openStore(await temporaryFolder());
    await cache.add(sourceOf(bytesOf(chunkSize)));
    const lying = { ...leaf, size: 7, totalSize: 7 };
    const block = buildFileDag([leaf, lying]).nodes[0]!.block;
    const { address, root } = forged(block, chunkSize + 7);
    const writer = await cache.open(address);
    await writer.put(root, block);
    const missing = writer.missing();
    expect(missing.map(({ index, size }) => [index, size])).toEqual([[1, 7]]);
    await expect(writer.put(missing[0]!, bytesOf(chunkSize))).rejects.toMatchObject({ code: "content.mismatch" });
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing" });
  });

  test("a true tree under a wrong sha256 is dropped at the end", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const address = { ...large.address, sha256: "1".repeat(64) };
    const writer = await cache.open(address);
    await expect(fetchAll(writer, large)).rejects.toMatchObject({ code: "content.mismatch" });
    writer.close();
    expect(cache.stat(address.cid)).toBeUndefined();
    expect(await chunksOn(directory)).toEqual([]);
  });

  test("a wrong sha256 does not take the content from those who ask by the right one", async () => {
    const cache = await openStore(await temporaryFolder());
    const liar = await cache.open({ ...large.address, sha256: "1".repeat(64) });
    const honest = await cache.open(large.address);
    await expect(fetchAll(liar, large)).rejects.toMatchObject({ code: "content.mismatch" });
    expect(honest.missing()).toEqual([]);
    await honest.finish();
    expect(isSame(await collect(cache.read(large.address.cid)), large.bytes)).toBe(true);
  });

  test("two claims of one size and a false one do not disturb each other", async () => {
    const cache = await openStore(await temporaryFolder());
    const liar = await cache.open({ ...large.address, size: large.address.size + 1 });
    const honest = await cache.open(large.address);
    const [falseRoot] = liar.missing();
    await expect(liar.put(falseRoot!, large.blocks.get(falseRoot!.digest)!)).rejects.toMatchObject({
      code: "content.mismatch",
    });
    await fetchAll(honest, large);
    await expect(liar.finish()).rejects.toMatchObject({ code: "content.mismatch" });
    expect(isSame(await collect(cache.read(large.address.cid)), large.bytes)).toBe(true);
  });

  test("the test's own digests are what the store names files by", () => {
    expect(toHex(sha256(bytesOf(10)))).toBe(parseContentCid(blockCid(rawCodec, bytesOf(10)).toString())?.digest);
  });
});
