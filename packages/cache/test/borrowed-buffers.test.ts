import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { collect, isSame, mebibyte, openStore, temporaryFolder } from "./fixtures/support.ts";

describe("a buffer that is only lent to the store", () => {
  test.each([
    ["in order", (_a: unknown, _b: unknown) => 0],
    ["from the end", (a: { index: number }, b: { index: number }) => b.index - a.index],
  ])("is given back once each, and may be overwritten then, with leaves %s", async (_name, order) => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(20 * mebibyte + 7));
    const writer = await cache.open(remote.address);
    const releases = new Map<string, number>();
    const put = async (block: ReturnType<typeof writer.missing>[number]): Promise<void> => {
      const lent = Uint8Array.from(remote.blocks.get(block.digest)!);
      await writer.put(block, lent, () => {
        releases.set(block.digest, (releases.get(block.digest) ?? 0) + 1);
        lent.fill(0xaa);
      });
    };
    await put(writer.missing()[0]!);
    const leaves = [...writer.missing()].sort(order);
    await Promise.all(leaves.map((leaf) => put(leaf)));
    await writer.finish();
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
    expect([...releases.values()]).toEqual(leaves.map(() => 1).concat(1));
    writer.close();
  });

  test("is kept when somebody follows what comes", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(3 * mebibyte));
    const writer = await cache.open(remote.address);
    const followed: Uint8Array[] = [];
    writer.follow((leaf) => followed.push(leaf));
    let released = 0;
    for (let block = writer.missing()[0]; block !== undefined; block = writer.missing()[0]) {
      const isLeaf = block.kind === "leaf";
      await writer.put(block, remote.blocks.get(block.digest)!, () => (released += isLeaf ? 1 : 0));
    }
    await writer.finish();
    expect(isSame(Buffer.concat(followed), remote.bytes)).toBe(true);
    expect(released).toBe(0);
  });

  test("is given back when its block is here already", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(100));
    const writer = await cache.open(remote.address);
    const block = writer.missing()[0]!;
    await writer.put(block, remote.bytes);
    let released = 0;
    await writer.put(block, Uint8Array.from(remote.bytes), () => (released += 1));
    expect(released).toBe(1);
  });

  test("is read into when it is large enough, and not when it is not", async () => {
    const cache = await openStore(await temporaryFolder());
    const remote = remoteContent(bytesOf(1000));
    const writer = await cache.open(remote.address);
    const { digest } = writer.missing()[0]!;
    await writer.put(writer.missing()[0]!, remote.bytes);
    await writer.finish();
    for (const [length, isUsed] of [
      [2000, true],
      [1000, true],
      [999, false],
    ] as const) {
      const space = new Uint8Array(length);
      const bytes = await cache.readBlock(remote.address.cid, digest, space);
      expect(isSame(bytes, remote.bytes)).toBe(true);
      expect(bytes?.buffer === space.buffer).toBe(isUsed);
    }
  });
});
