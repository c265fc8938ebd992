import { chunkSize, type ContentAddress } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { collect, fetchAll, isSame, openStore, temporaryFolder } from "./fixtures/support.ts";

const pair = remoteContent(bytesOf(chunkSize + 10));
const last = pair.bytes.subarray(chunkSize);

/** Stores some bytes as a content by themselves. */
async function store(cache: ContentCache, bytes: Uint8Array): Promise<ContentAddress> {
  const remote = remoteContent(bytes);
  const writer = await cache.open(remote.address);
  await fetchAll(writer, remote);
  await writer.finish();
  writer.close();
  return remote.address;
}

describe("a block that is here as another content", () => {
  test("is not asked for again, and as a node tells what is below it", async () => {
    const cache = await openStore(await temporaryFolder());
    const before = await cache.open(pair.address);
    const asked = before.missing();
    before.close();
    expect(asked.map(({ kind }) => kind)).toEqual(["node"]);
    // The node's bytes, stored by somebody as a content of their own.
    await store(cache, pair.blocks.get(asked[0]!.digest)!);
    const writer = await cache.open(pair.address);
    expect(writer.missing().map(({ kind, size }) => [kind, size])).toEqual([
      ["leaf", chunkSize],
      ["leaf", 10],
    ]);
    writer.close();
    await store(cache, last);
    const again = await cache.open(pair.address);
    expect(again.missing().map(({ size }) => size)).toEqual([chunkSize]);
    await fetchAll(again, pair);
    await again.finish();
    expect(isSame(await collect(cache.read(pair.address.cid)), pair.bytes)).toBe(true);
  });

  test("since it was asked for is not asked for any more once somebody gives it", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    const [root] = writer.missing();
    await writer.put(root!, pair.blocks.get(root!.digest)!);
    const [first, second] = writer.missing();
    await store(cache, last);
    let released = 0;
    await writer.put(second!, Uint8Array.from(last), () => (released += 1));
    expect(released).toBe(1);
    expect(writer.missing()).toEqual([first]);
  });

  test("makes a content of this block alone whole at once", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    await fetchAll(writer, pair);
    await writer.finish();
    const alone = remoteContent(last);
    const another = await cache.open(alone.address);
    expect(another.missing()).toEqual([]);
    await another.finish();
    expect(isSame(await collect(cache.read(alone.address.cid)), last)).toBe(true);
  });

  test("and is no node of this tree changes nothing: it is still asked for", async () => {
    const cache = await openStore(await temporaryFolder());
    const [root] = (await cache.open(pair.address)).missing();
    await store(cache, pair.blocks.get(root!.digest)!);
    // The same root is said to hold one byte more.
    const wrong = await cache.open({ ...pair.address, size: pair.address.size + 1 });
    expect(wrong.missing().map(({ digest, kind }) => [digest, kind])).toEqual([[root!.digest, "node"]]);
  });
});
