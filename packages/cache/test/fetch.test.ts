import { hash } from "node:crypto";

import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { collect, isSame, fetchAll, mebibyte, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

describe("fetching", () => {
  test("asks for the root, then for the leaves in order", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(3 * mebibyte + 9));
    const writer = await cache.open(remote.address);
    expect(writer).toMatchObject({ complete: false, chunks: 4 });
    const [root, ...more] = writer.missing();
    expect(more).toEqual([]);
    expect(root).toMatchObject({ kind: "node", index: 0, size: remote.bytes.byteLength });
    await writer.put(root!, remote.blocks.get(root!.digest)!);
    expect(writer.missing().map(({ kind, index, size }) => [kind, index, size])).toEqual([
      ["leaf", 0, mebibyte],
      ["leaf", 1, mebibyte],
      ["leaf", 2, mebibyte],
      ["leaf", 3, 9],
    ]);
    await fetchAll(writer, remote);
    expect(writer).toMatchObject({ complete: true });
    expect(writer.missing()).toEqual([]);
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
    writer.close();
  });

  test.each([1, mebibyte])("a content of %i bytes has only its leaf", async (size) => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(size));
    const writer = await cache.open(remote.address);
    expect(writer.missing()).toEqual([{ digest: remote.address.sha256, kind: "leaf", size, index: 0 }]);
    expect(await fetchAll(writer, remote)).toHaveLength(1);
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
  });

  test("leaves may come in any order", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(5 * mebibyte));
    const writer = await cache.open(remote.address);
    const [root] = writer.missing();
    await writer.put(root!, remote.blocks.get(root!.digest)!);
    for (const block of [...writer.missing()].reverse()) await writer.put(block, remote.blocks.get(block.digest)!);
    await writer.finish();
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
  });

  test("what is here can be served before the rest is, and counts in the have-map", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(3 * mebibyte));
    const { cid } = remote.address;
    const writer = await cache.open(remote.address);
    expect(cache.haveMap(cid)).toBeUndefined();
    const [root] = writer.missing();
    await writer.put(root!, remote.blocks.get(root!.digest)!);
    expect(cache.haveMap(cid)).toEqual(Uint8Array.of(0));
    const last = writer.missing()[2]!;
    await writer.put(last, remote.blocks.get(last.digest)!);
    expect(cache.haveMap(cid)).toEqual(Uint8Array.of(0b100));
    expect(cache.stat(cid)).toMatchObject({ complete: false, chunks: 3, present: 1 });
    expect(isSame(await cache.readBlock(cid, last.digest), remote.blocks.get(last.digest)!)).toBe(true);
    expect(await cache.readBlock(cid, writer.missing()[0]!.digest)).toBeUndefined();
    await expect(writer.finish()).rejects.toMatchObject({ code: "content.missing" });
  });

  test("goes on with what an earlier writer, also of an earlier process, fetched", async () => {
    const directory = await temporaryFolder();
    const remote = remoteContent(bytesOf(4 * mebibyte));
    const first = await openStore(directory);
    const writer = await first.open(remote.address);
    for (let round = 0; round < 3; round += 1) {
      const [block] = writer.missing();
      await writer.put(block!, remote.blocks.get(block!.digest)!);
    }
    writer.close();
    expect(() => writer.missing()).toThrow(expect.objectContaining({ code: "aborted" }));
    await first.close();
    const second = await openStore(directory);
    const resumed = await second.open(remote.address);
    expect(resumed.missing().map(({ index }) => index)).toEqual([2, 3]);
    await fetchAll(resumed, remote);
    expect(isSame(await collect(second.read(remote.address.cid)), remote.bytes)).toBe(true);
  });

  test("two writers of one content share what they have", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(6 * mebibyte));
    const [one, two] = await Promise.all([cache.open(remote.address), cache.open(remote.address)]);
    const [root] = one.missing();
    await one.put(root!, remote.blocks.get(root!.digest)!);
    expect(two.missing()).toHaveLength(6);
    await Promise.all([fetchAll(one, remote), fetchAll(two, remote)]);
    expect([one.complete, two.complete]).toEqual([true, true]);
    one.close();
    one.close();
    two.close();
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
  });

  test("takes chunks that another content already has", async () => {
    const cache = await openStore(await temporaryFolder());
    const bytes = bytesOf(3 * mebibyte);
    await cache.add(sourceOf(bytes));
    const remote = remoteContent(new Uint8Array(Buffer.concat([bytes, bytesOf(10, 2)])));
    const writer = await cache.open(remote.address);
    const asked = await fetchAll(writer, remote);
    expect(asked.map(({ kind, index }) => [kind, index])).toEqual([
      ["node", 0],
      ["leaf", 3],
    ]);
    const part = remoteContent(bytes.subarray(0, mebibyte));
    const bare = await cache.open(part.address);
    expect(bare.missing()).toEqual([]);
    await bare.finish();
    expect(isSame(await collect(cache.read(part.address.cid)), part.bytes)).toBe(true);
  });

  test("counts opens of complete contents as hits", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(10));
    const writer = await cache.open(remote.address);
    await fetchAll(writer, remote);
    for (let round = 0; round < 3; round += 1) (await cache.open(remote.address)).close();
    expect(cache.status()).toMatchObject({ hits: 3, misses: 1, hitRate: 0.75, contents: 1 });
  });

  test("who follows a content is told every leaf once and in order, in whatever order they come", async () => {
    const leafCount = 24;
    const remote = remoteContent(bytesOf(leafCount * mebibyte));
    for (const inOrder of [true, false]) {
      const cache = await openStore(await temporaryFolder());
      const writer = await cache.open(remote.address);
      const told: Uint8Array[] = [];
      expect(writer.follow((leaf) => told.push(leaf))).toBe(true);
      const [root] = writer.missing();
      await writer.put(root!, remote.blocks.get(root!.digest)!);
      const blocks = [...writer.missing()];
      // More come before the first than may wait for it: the rest is read back.
      for (const block of inOrder ? blocks : blocks.toReversed())
        await writer.put(block, remote.blocks.get(block.digest)!);
      await writer.finish();
      expect(told).toHaveLength(leafCount);
      expect(hash("sha256", Buffer.concat(told), "hex")).toBe(remote.address.sha256);
      expect(writer.follow(() => {})).toBe(false);
      writer.close();
    }
  });

  test("who follows is not told what a peer made up, and not what came before", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(3 * mebibyte));
    const writer = await cache.open(remote.address);
    const told: Uint8Array[] = [];
    writer.follow((leaf) => told.push(leaf));
    const [root] = writer.missing();
    await writer.put(root!, remote.blocks.get(root!.digest)!);
    const [leaf] = writer.missing();
    const forged = Uint8Array.from(remote.blocks.get(leaf!.digest)!);
    forged[0] = (forged[0] ?? 0) ^ 1;
    await expect(writer.put(leaf!, forged)).rejects.toMatchObject({ code: "content.mismatch" });
    expect(told).toHaveLength(0);
    await Promise.allSettled([
      writer.put(leaf!, remote.blocks.get(leaf!.digest)!),
      writer.put(leaf!, forged),
      writer.put(leaf!, remote.blocks.get(leaf!.digest)!),
    ]);
    expect(told.map((bytes) => hash("sha256", bytes, "hex"))).toEqual([leaf!.digest]);
    const other = await cache.open(remote.address);
    expect(other.follow(() => {})).toBe(false);
  });

  test("a finish can be cancelled and done again", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(3 * mebibyte));
    const writer = await cache.open(remote.address);
    const [root] = writer.missing();
    await writer.put(root!, remote.blocks.get(root!.digest)!);
    for (const block of [...writer.missing()].reverse()) await writer.put(block, remote.blocks.get(block.digest)!);
    await expect(writer.finish(AbortSignal.abort())).rejects.toMatchObject({ code: "aborted" });
    await writer.finish();
    expect(writer.complete).toBe(true);
  });
});
