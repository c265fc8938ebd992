import { writeFile } from "node:fs/promises";

import { type BlockRef, chunkSize } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { chunkPath, collect, isSame, openStore, temporaryFolder } from "./fixtures/support.ts";

/** Two leaves under a root, of which the second is no whole chunk: it is read where it was lent. */
const pair = remoteContent(bytesOf(chunkSize + 10));

async function opened() {
  const cache = await openStore(await temporaryFolder());
  const writer = await cache.open(pair.address);
  const put = (block: BlockRef | undefined, release?: () => void): Promise<void> =>
    writer.put(block!, Uint8Array.from(pair.blocks.get(block!.digest)!), release);
  await put(writer.missing()[0]);
  const [first, last] = writer.missing();
  return { cache, writer, put, first, last };
}

describe("a leaf that comes before its turn", () => {
  test("is kept until those before it are here, and given back then", async () => {
    const { cache, writer, put, first, last } = await opened();
    let released = 0;
    await put(last, () => (released += 1));
    expect(released).toBe(0);
    await put(first);
    await writer.finish();
    expect(released).toBe(1);
    expect(isSame(await collect(cache.read(pair.address.cid)), pair.bytes)).toBe(true);
    writer.close();
    expect(released).toBe(1);
  });

  test("is given back when nobody waits for its turn any more, not before the last writer is closed", async () => {
    const { cache, writer, put, last } = await opened();
    const other = await cache.open(pair.address);
    let released = 0;
    await put(last, () => (released += 1));
    for (let turn = 0; turn < 2; turn += 1) writer.close();
    expect(released).toBe(0);
    other.close();
    expect(released).toBe(1);
  });

  test("has gone by for whoever wants to follow from then on", async () => {
    const { writer, put, first, last } = await opened();
    await put(last);
    expect(writer.follow(() => {})).toBe(false);
    await put(first);
    expect(writer.follow(() => {})).toBe(false);
  });

  test("is told in its turn to those who followed before, once", async () => {
    const { writer, put, first, last } = await opened();
    const told: number[] = [];
    expect(writer.follow((leaf) => told.push(leaf.byteLength))).toBe(true);
    await put(last);
    expect(told).toEqual([]);
    await put(first);
    await writer.finish();
    expect(told).toEqual([chunkSize, 10]);
  });
});

test("a leaf that is fetched again, since it was damaged, is given back as well", async () => {
  const directory = await temporaryFolder();
  const cache = await openStore(directory);
  const remote = remoteContent(bytesOf(100));
  const writer = await cache.open(remote.address);
  const [leaf] = writer.missing();
  await writer.put(leaf!, Uint8Array.from(remote.bytes));
  await writer.finish();
  await writeFile(chunkPath(directory, leaf!.digest), new Uint8Array(100));
  expect(await cache.readBlock(remote.address.cid, leaf!.digest)).toBeUndefined();
  expect(writer.missing()).toEqual([leaf]);
  let released = 0;
  await writer.put(leaf!, Uint8Array.from(remote.bytes), () => (released += 1));
  await writer.finish();
  expect(released).toBe(1);
  expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
});

test("contents that are damaged are named in order, each once", async () => {
  const directory = await temporaryFolder();
  const cache = await openStore(directory);
  const cids: string[] = [];
  for (let seed = 0; seed < 12; seed++) {
    const { address, bytes } = remoteContent(bytesOf(50, seed));
    const writer = await cache.open(address);
    const [leaf] = writer.missing();
    await writer.put(leaf!, bytes);
    await writer.finish();
    writer.close();
    await writeFile(chunkPath(directory, leaf!.digest), new Uint8Array(50));
    cids.push(address.cid);
  }
  const { affected, damaged } = await cache.verify();
  expect(affected).toEqual(cids.toSorted());
  expect(damaged).toHaveLength(12);
});
