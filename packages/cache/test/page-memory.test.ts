import { join } from "node:path";

import { type BlockRef, chunkSize, silentLogger } from "@ggen/p2p-types";
import { describe, expect, onTestFinished, test } from "vitest";

import { openDatabase } from "../src/database/open-database.ts";
import { StoreRows } from "../src/database/rows.ts";
import { ChunkFiles } from "../src/files/chunk-files.ts";
import { createPageBuffers, type PageBuffers } from "../src/files/page-buffers.ts";
import { findHashWorker, HashThread } from "../src/hash/hash-thread.ts";
import { BlockStore } from "../src/store/block-store.ts";
import { Evictor } from "../src/store/evictor.ts";
import type { StoreContext } from "../src/store/fetch-state.ts";
import { Usage } from "../src/store/usage.ts";
import { type FollowableWriter, WriterPool } from "../src/store/writer.ts";
import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { hold, refuse } from "./fixtures/disk.ts";
import {
  isSame,
  mebibyte,
  openStore,
  restingClock,
  seededRandom,
  stillClock,
  temporaryFolder,
} from "./fixtures/support.ts";

/** Two whole leaves and a short one. */
const triple = remoteContent(bytesOf(2 * chunkSize + 10));

/** Pages of which a test knows how many were lent, how many are out, and whether one came back that was not. */
class CountedPages implements PageBuffers {
  lent = 0;
  strange = 0;
  readonly out = new Set<Uint8Array>();
  readonly #pages: PageBuffers;

  constructor(count: number) {
    this.#pages = createPageBuffers(count);
  }

  copyOf(chunk: Uint8Array): Uint8Array | undefined {
    const page = this.#pages.copyOf(chunk);
    if (page === undefined) return undefined;
    this.lent += 1;
    this.out.add(page);
    return page;
  }

  give(buffer: Uint8Array): void {
    if (!this.out.delete(buffer)) this.strange += 1;
    this.#pages.give(buffer);
  }
}

/** Blocks of which a test knows what was to be written how. */
class SeenBlocks extends BlockStore {
  readonly seen: { readonly isPaged: boolean; readonly isShared: boolean }[] = [];

  override async stage(digest: string, bytes: Uint8Array, isPaged = false, onWritten?: () => void): Promise<void> {
    this.seen.push({ isPaged, isShared: bytes.buffer instanceof SharedArrayBuffer });
    await super.stage(digest, bytes, isPaged, onWritten);
  }
}

interface Opened {
  readonly pages: CountedPages;
  readonly blocks: SeenBlocks;
  readonly writer: FollowableWriter;
  readonly leaves: readonly BlockRef[];
  /** Lends a copy of a leaf, and notes its number when it is given back. */
  readonly put: (leaf: number) => Promise<void>;
  readonly released: number[];
}

/** A writer that has the root, of a store with so many pages. */
async function opened(count: number): Promise<Opened> {
  const directory = await temporaryFolder();
  const files = new ChunkFiles(directory, seededRandom(1));
  await files.prepare();
  const path = join(directory, "store.db");
  const rows = new StoreRows(openDatabase({ path, readOnly: false, clock: stillClock, logger: silentLogger }));
  const blocks = new SeenBlocks(rows, files, silentLogger, false);
  onTestFinished(async () => {
    await blocks.close();
    rows.close();
  });
  const pages = new CountedPages(count);
  const hashes = new HashThread(stillClock, findHashWorker);
  const context: StoreContext = { rows, blocks, usage: new Usage(rows), pages, hashes };
  const evictor = new Evictor(context, 100 * mebibyte, silentLogger);
  const pool = new WriterPool(context, { maxPackageBytes: 64 * mebibyte, evictor, logger: silentLogger });
  const writer = await pool.open(triple.address);
  const [root] = writer.missing();
  await writer.put(root!, triple.blocks.get(root!.digest)!);
  const leaves = [...writer.missing()];
  const released: number[] = [];
  const put = (leaf: number): Promise<void> => {
    const block = leaves[leaf]!;
    return writer.put(block, Uint8Array.from(triple.blocks.get(block.digest)!), () => void released.push(leaf));
  };
  return { pages, blocks, writer, leaves, put, released };
}

async function expectWhole({ writer, blocks, leaves, pages }: Opened): Promise<void> {
  await writer.finish();
  expect(writer.complete).toBe(true);
  for (const { digest } of leaves) {
    expect(isSame(await blocks.read(digest), triple.blocks.get(digest)!)).toBe(true);
  }
  writer.close();
  expect([pages.out.size, pages.strange]).toEqual([0, 0]);
}

function ordered(numbers: readonly number[]): number[] {
  return numbers.toSorted((a, b) => a - b);
}

describe("a leaf that is fetched", () => {
  test("is written from a page when it is a whole chunk and one is free, else from where it was lent", async () => {
    const store = await opened(1);
    for (const leaf of [0, 1, 2]) await store.put(leaf);
    const [direct, usual] = [
      { isPaged: true, isShared: true },
      { isPaged: false, isShared: false },
    ];
    expect(store.blocks.seen).toEqual([usual, direct, direct, usual]);
    expect(store.pages.lent).toBe(2);
    expect(store.released).toEqual([0, 1, 2]);
    await expectWhole(store);
  });

  test("is given back to who lent it once it is copied, and its page once it is written", async () => {
    const store = await opened(1);
    const proceed = await hold("write");
    const [first, second] = [store.put(0), store.put(1)];
    // Only the first found a page.
    expect(store.released).toEqual([0]);
    expect([store.pages.lent, store.pages.out.size]).toEqual([1, 1]);
    proceed();
    await Promise.all([first, second]);
    expect(store.released).toEqual([0, 1]);
    expect(store.pages.out.size).toBe(0);
    await store.put(2);
    await expectWhole(store);
  });

  test("keeps its page until those before it are here", async () => {
    const store = await opened(2);
    await store.put(1);
    expect([store.pages.out.size, store.released]).toEqual([1, [1]]);
    await store.put(0);
    expect([store.pages.out.size, store.released]).toEqual([0, [1, 0]]);
    await store.put(2);
    await expectWhole(store);
  });

  test("gives its page back when nobody waits for its turn any more, once it is written", async () => {
    const store = await opened(2);
    await store.put(1);
    const proceed = await hold("write");
    const last = store.put(2);
    store.writer.close();
    expect([store.pages.out.size, store.released]).toEqual([0, [1]]);
    proceed();
    await last;
    expect(store.released).toEqual([1, 2]);
    expect(store.pages.strange).toBe(0);
  });

  test("is copied for each of those who put it at once, and given back to each", async () => {
    const store = await opened(2);
    await Promise.all([store.put(0), store.put(0), store.put(2), store.put(2)]);
    expect(ordered(store.released)).toEqual([0, 0, 2]);
    expect([store.pages.lent, store.pages.out.size]).toEqual([2, 0]);
    await store.put(1);
    expect(ordered(store.released)).toEqual([0, 0, 1, 2, 2]);
    await expectWhole(store);
  });

  test("stays with whoever follows, and its page does not", async () => {
    const store = await opened(1);
    const followed: Uint8Array[] = [];
    store.writer.follow((leaf) => followed.push(leaf));
    for (const leaf of [1, 0, 2]) await store.put(leaf);
    expect(store.released).toEqual([]);
    expect([store.pages.lent, store.pages.out.size]).toEqual([1, 0]);
    await expectWhole(store);
    expect(isSame(Buffer.concat(followed), triple.bytes)).toBe(true);
  });
});

describe("a leaf that could not be written", () => {
  test.each([
    ["from a page", 1],
    ["from where it was lent", 0],
  ])("%s is given back, and can be put again", async (_, count) => {
    const store = await opened(count);
    await refuse("write", "ENOSPC", 1);
    await expect(store.put(0)).rejects.toMatchObject({ code: "storage.full" });
    expect([store.pages.out.size, store.released]).toEqual([0, [0]]);
    for (const leaf of [0, 1, 2]) await store.put(leaf);
    expect(store.released).toEqual([0, 0, 1, 2]);
    await expectWhole(store);
  });

  test.each([
    ["from a page", 2],
    ["from where it was lent", 0],
  ])("%s and came before its turn is given back in its turn", async (_, count) => {
    const store = await opened(count);
    await refuse("write", "ENOSPC", 1);
    await expect(store.put(1)).rejects.toMatchObject({ code: "storage.full" });
    expect([store.pages.out.size, store.released]).toEqual(count === 0 ? [0, []] : [1, [1]]);
    await store.put(0);
    expect([store.pages.out.size, ordered(store.released)]).toEqual([0, [0, 1]]);
    for (const leaf of [1, 2]) await store.put(leaf);
    await expectWhole(store);
  });
});

test("the thread that hashes rests when nobody has a large content open any more", async () => {
  const rests: number[] = [];
  const clock = restingClock(rests);
  const hashWorkerUrl = new URL("data:text/javascript,");
  const cache = await openStore(await temporaryFolder(), { clock, hashWorkerUrl });
  const { address } = triple;
  const [one, two] = [await cache.open({ ...address, size: 20 * mebibyte }), await cache.open(address)];
  two.close();
  expect(rests).toEqual([]);
  one.close();
  expect(rests).toEqual([10_000]);
});
