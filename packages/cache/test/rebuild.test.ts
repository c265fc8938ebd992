import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { buildFileDag, chunkSize, type ContentAddress, leafEntry, sha256, toHex } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import type { ContentCache } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import {
  chunkPath,
  collect,
  fetchAll,
  isSame,
  type LogLine,
  mebibyte,
  memoryLogger,
  openStore,
  temporaryFolder,
} from "./fixtures/support.ts";

type Entry = ReturnType<typeof leafEntry>;

/** A node of one child, as `buildFileDag` would make it if it made such: dag-pb with a UnixFS file in it, by hand. */
function nodeOfOne(chunk: Uint8Array): Uint8Array {
  const { bytes } = leafEntry(chunk).cid;
  const { byteLength: size } = chunk;
  // Seven bits in a byte, the lowest first.
  const length = size < 0x80 ? [size] : [0x80 | (size & 0x7f), 0x80 | ((size >> 7) & 0x7f), size >> 14];
  const link = [0x0a, bytes.byteLength, ...bytes, 0x12, 0, 0x18, ...length];
  const file = [0x08, 2, 0x18, ...length, 0x20, ...length];
  return Uint8Array.from([0x12, link.length, ...link, 0x0a, file.length, ...file]);
}

interface Rebuilt {
  readonly cache: ContentCache;
  readonly log: readonly LogLine[];
}

/** A store of which only chunk files are left: these blocks. */
async function rebuilt(...blocks: readonly Uint8Array[]): Promise<Rebuilt> {
  return await rebuiltWith(2048 * mebibyte, ...blocks);
}

/** The same where contents have at most so many bytes. */
async function rebuiltWith(maxPackageBytes: number, ...blocks: readonly Uint8Array[]): Promise<Rebuilt> {
  const directory = await temporaryFolder();
  for (const block of blocks) {
    const path = chunkPath(directory, toHex(sha256(block)));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, block);
  }
  const log: LogLine[] = [];
  return { cache: await openStore(directory, { maxPackageBytes, logger: memoryLogger(log) }), log };
}

const pair = remoteContent(bytesOf(chunkSize + 10));
const [firstDigest = "", lastDigest = ""] = leafDigests(pair.bytes);
const rootDigest = pair.blocks.keys().find((digest) => ![firstDigest, lastDigest].includes(digest))!;
const blockOf = (digest: string): Uint8Array => pair.blocks.get(digest)!;
const unknownSha256 = "0".repeat(64);

/** A content by itself, as others name it. */
function alone(block: Uint8Array): ContentAddress {
  return remoteContent(block).address;
}

function ordered(addresses: readonly ContentAddress[]): ContentAddress[] {
  return addresses.toSorted((a, b) => a.cid.localeCompare(b.cid));
}

function addresses({ cache }: Rebuilt): ContentAddress[] {
  return ordered(cache.contents().map(({ content }) => content));
}

describe("a store whose database is lost", () => {
  test("has its contents again, complete and kept, and says so", async () => {
    const other = bytesOf(20, 5);
    const store = await rebuiltWith(pair.address.size, ...pair.blocks.values(), other);
    const { cache, log } = store;
    expect(addresses(store)).toEqual(ordered([alone(other), pair.address]));
    for (const { cid } of [alone(other), pair.address]) {
      expect(cache.stat(cid)).toMatchObject({ complete: true, pins: ["recovered"] });
    }
    expect(isSame(await collect(cache.read(pair.address.cid)), pair.bytes)).toBe(true);
    expect(isSame(await collect(cache.read(alone(other).cid)), other)).toBe(true);
    expect(log).toEqual([
      {
        level: "warn",
        message: "The content store's database was rebuilt from the chunks",
        fields: { chunks: 4, complete: 2, incomplete: 0 },
      },
    ]);
  });

  test("and had nothing is just empty", async () => {
    const { cache, log } = await rebuilt();
    expect(cache.contents()).toEqual([]);
    expect(log).toEqual([]);
  });

  test.each([
    ["first", firstDigest],
    ["last", lastDigest],
  ])("has what it has of a content whose %s leaf is lost too, and fetches that", async (_, lost) => {
    const { cache, log } = await rebuilt(
      ...[rootDigest, firstDigest, lastDigest].filter((digest) => digest !== lost).map(blockOf),
    );
    const { cid, size } = pair.address;
    expect(cache.contents()).toEqual([
      { content: { cid, size, sha256: unknownSha256 }, complete: false, chunks: 2, present: 1, pins: [] },
    ]);
    expect(log[0]?.fields).toEqual({ chunks: 2, complete: 0, incomplete: 1 });
    const writer = await cache.open(pair.address);
    expect((await fetchAll(writer, pair)).map(({ digest }) => digest)).toEqual([lost]);
    expect(cache.stat(cid)?.content).toEqual(pair.address);
  });

  test("takes no tree for complete of which a node is lost, whatever leaves are here", async () => {
    const zeros = new Uint8Array(chunkSize);
    const { root, nodes } = buildFileDag(Array<Entry>(1026).fill(leafEntry(zeros)));
    const [left, , top] = nodes;
    const { cache } = await rebuilt(zeros, left!.block, top!.block);
    expect(cache.contents()).toEqual([
      {
        content: { cid: root.cid.toString(), size: 1026 * chunkSize, sha256: unknownSha256 },
        complete: false,
        chunks: 1026,
        present: 1024,
        pins: [],
      },
    ]);
  });

  test.each([10, chunkSize])("has a leaf that could be a node over %i bytes as the leaf that it is", async (size) => {
    const chunk = bytesOf(size, 6);
    const node = nodeOfOne(chunk);
    const store = await rebuilt(node, chunk);
    expect(addresses(store)).toEqual(ordered([alone(chunk), alone(node)]));
    expect(store.cache.contents().every(({ complete }) => complete)).toBe(true);
  });

  test("is not kept from starting by a tree that is not what its root says, and has what that names", async () => {
    const small = buildFileDag([leafEntry(bytesOf(chunkSize)), leafEntry(bytesOf(10))]);
    const large = buildFileDag(Array<Entry>(1024).fill(leafEntry(bytesOf(chunkSize))));
    // Says of the small tree that it holds three chunks, which it does not: nobody could fetch that.
    const lying = buildFileDag([large.root, { ...small.root, size: 3 * chunkSize }]);
    const store = await rebuilt(
      ...[...small.nodes, ...large.nodes, ...lying.nodes].map(({ block }) => block),
      bytesOf(chunkSize),
      bytesOf(10),
    );
    const found = store.cache.contents().toSorted((a, b) => a.content.size - b.content.size);
    expect(found.map(({ content, complete, chunks, present }) => [content.cid, complete, chunks, present])).toEqual([
      [small.root.cid.toString(), true, 2, 2],
      [lying.root.cid.toString(), false, 1027, 1024],
    ]);
    const writer = await store.cache.open(pair.address);
    await fetchAll(writer, pair);
    expect(writer.complete).toBe(true);
  });

  test("takes what names more than a content may have for a leaf, so that no three chunks are a milliard parts", async () => {
    const one = buildFileDag(Array<Entry>(1024).fill(leafEntry(bytesOf(chunkSize))));
    const two = buildFileDag(Array<Entry>(1024).fill(one.root));
    const store = await rebuilt(one.nodes[0]!.block, two.nodes[0]!.block);
    expect(addresses(store)).toEqual(
      ordered([
        alone(two.nodes[0]!.block),
        { cid: one.root.cid.toString(), size: 1024 * chunkSize, sha256: unknownSha256 },
      ]),
    );
  });

  test("opens whatever its chunks say of each other, and what it takes for complete is so", async () => {
    const chunks = [bytesOf(10, 1), bytesOf(20, 2), bytesOf(chunkSize, 3)];
    type Link = readonly [at: number, size: number | undefined];
    const tall = 1024 * chunkSize;
    const at = fc.nat(11);
    const said = fc.oneof(fc.constant(undefined), fc.constantFrom(10, 20, chunkSize, 3 * chunkSize, tall));
    const anything = fc.array(fc.tuple(at, said), { minLength: 2, maxLength: 4 });
    // As trees are, of leaves and of nodes: those before the last are said to be whole.
    const leaves = fc.tuple(fc.nat(2), said).map(([last, size]): Link[] => [
      [2, undefined],
      [last, size],
    ]);
    const nodes = fc.tuple(at, at, said).map(([first, last, size]): Link[] => [
      [first, tall],
      [last, size],
    ]);
    const children = fc.oneof<fc.Arbitrary<readonly Link[]>[]>(anything, leaves, nodes);
    await fc.assert(
      fc.asyncProperty(fc.array(children, { maxLength: 8 }), async (trees) => {
        const blocks = [...chunks];
        const entries: Entry[] = chunks.map((chunk) => leafEntry(chunk));
        for (const links of trees) {
          // Of what came before it, with its true size or another.
          const below = links.map(([at, size]) => {
            const entry = entries[at % entries.length]!;
            return { ...entry, size: size ?? entry.size };
          });
          const { root, nodes } = buildFileDag(below);
          entries.push(root);
          blocks.push(nodes[0]!.block);
        }
        const { cache } = await rebuilt(...blocks);
        for (const { content, complete } of cache.contents()) {
          if (!complete) continue;
          const bytes = await collect(cache.read(content.cid));
          expect([bytes.byteLength, toHex(sha256(bytes))]).toEqual([content.size, content.sha256]);
        }
      }),
      { numRuns: 15 },
    );
  });
});
