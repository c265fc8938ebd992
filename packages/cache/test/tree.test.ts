import { type BlockRef, buildFileDag, chunkSize, type ContentAddress, leafEntry, toHex } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { collect, isSame, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

type Entry = ReturnType<typeof leafEntry>;

/** A content of which only the tree is there: leaves that are nowhere, so that over a gibibyte costs nothing. */
interface Tree {
  readonly address: ContentAddress;
  /** Nodes by digest. */
  readonly nodes: ReadonlyMap<string, Uint8Array>;
}

function leaves(count: number, seed: string): Entry[] {
  return Array.from({ length: count }, (_, at) => ({
    ...leafEntry(Buffer.from(`${seed} ${at}`)),
    size: chunkSize,
    totalSize: chunkSize,
  }));
}

function treeOf(entries: readonly Entry[]): Tree {
  const { root, nodes } = buildFileDag(entries);
  const size = entries.reduce((sum, entry) => sum + entry.size, 0);
  return {
    address: { cid: root.cid.toString(), size, sha256: "1".repeat(64) },
    nodes: new Map(nodes.map((node) => [toHex(node.cid.multihash.digest), node.block])),
  };
}

async function openLarge(): Promise<ContentCache> {
  return await openStore(await temporaryFolder(), { maxPackageBytes: 4 * 1024 * chunkSize });
}

const shared = leaves(1024, "shared");
const one = treeOf([...shared, ...leaves(3, "one")]);
const other = treeOf([...shared, ...leaves(2, "other")]);
const places = (blocks: readonly BlockRef[]): string[] => blocks.map(({ kind, index }) => `${kind} ${index}`);
const leafPlaces = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, at) => `leaf ${from + at}`);

describe("a tree of two levels", () => {
  test("is asked for level by level and in order, in whatever order its nodes come", async () => {
    const writer = await (await openLarge()).open(one.address);
    const put = (block: BlockRef | undefined): Promise<void> => writer.put(block!, one.nodes.get(block!.digest)!);
    expect(places(writer.missing())).toEqual(["node 0"]);
    await put(writer.missing()[0]);
    expect(places(writer.missing())).toEqual(["node 0", "node 1024"]);
    const [left, right] = writer.missing();
    await put(right);
    expect(places(writer.missing())).toEqual(["node 0", ...leafPlaces(1024, 1027)]);
    await put(left);
    expect(places(writer.missing())).toEqual(leafPlaces(0, 1027));
  });

  test("is learned from what is here for another content", async () => {
    const cache = await openLarge();
    const first = await cache.open(one.address);
    for (let round = 0; round < 2; round += 1) {
      const [node] = first.missing();
      await first.put(node!, one.nodes.get(node!.digest)!);
    }
    const second = await cache.open(other.address);
    const [root] = second.missing();
    await second.put(root!, other.nodes.get(root!.digest)!);
    expect(places(second.missing())).toEqual(["node 1024", ...leafPlaces(0, 1024)]);
  });

  test("stays as it was for a process that comes later", async () => {
    const directory = await temporaryFolder();
    const options = { maxPackageBytes: 4 * 1024 * chunkSize };
    const before = await openStore(directory, options);
    const writer = await before.open(one.address);
    for (let round = 0; round < 2; round += 1) {
      const [node] = writer.missing();
      await writer.put(node!, one.nodes.get(node!.digest)!);
    }
    await before.close();
    const resumed = await (await openStore(directory, options)).open(one.address);
    expect(places(resumed.missing())).toEqual(["node 1024", ...leafPlaces(0, 1024)]);
    const [node] = resumed.missing();
    await resumed.put(node!, one.nodes.get(node!.digest)!);
    expect(places(resumed.missing())).toEqual(leafPlaces(0, 1027));
  });
});

describe("a leaf that is a content of its own", () => {
  test("is here when it came with another one, and is only to be finished", async () => {
    const cache = await openStore(await temporaryFolder());
    const bytes = bytesOf(chunkSize + 10);
    await cache.add(sourceOf(bytes));
    const bare = remoteContent(bytes.subarray(chunkSize));
    const writer = await cache.open(bare.address);
    expect(writer.missing()).toEqual([]);
    await writer.finish();
    expect(isSame(await collect(cache.read(bare.address.cid)), bare.bytes)).toBe(true);
  });
});

describe("a block that is refused", () => {
  const pair = remoteContent(bytesOf(chunkSize + 10));

  test("for its size is not hashed, and one that nobody asked for is not looked at", async () => {
    const cache = await openStore(await temporaryFolder());
    const writer = await cache.open(pair.address);
    const [root] = writer.missing();
    const code = "content.mismatch";
    await expect(writer.put(root!, new Uint8Array(128 * 1024 + 1))).rejects.toMatchObject({
      code,
      expected: "at most 131072 bytes",
      got: "131073 bytes",
    });
    await expect(writer.put(root!, new Uint8Array(128 * 1024))).rejects.toMatchObject({ code, expected: root!.digest });
    await writer.put(root!, pair.blocks.get(root!.digest)!);
    const tail = writer.missing()[1]!;
    for (const size of [9, 11]) {
      await expect(writer.put(tail, new Uint8Array(size))).rejects.toMatchObject({
        code,
        expected: "10 bytes",
        got: `${size} bytes`,
      });
    }
    const strange = leafEntry(new Uint8Array(10));
    const foreign = { ...tail, digest: toHex(strange.cid.multihash.digest) };
    await expect(writer.put(foreign, new Uint8Array(10))).rejects.toMatchObject({
      code,
      expected: `a block of ${pair.address.cid}`,
      got: foreign.digest,
    });
    await writer.put(tail, pair.blocks.get(tail.digest)!);
    expect(places(writer.missing())).toEqual(["leaf 0"]);
  });
});
