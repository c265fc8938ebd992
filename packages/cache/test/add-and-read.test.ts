import { createHash } from "node:crypto";

import * as fc from "fast-check";
import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { chunksOn, collect, isSame, mebibyte, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

describe("add and read", () => {
  test.each([1, 2, mebibyte - 1, mebibyte, mebibyte + 1, 2 * mebibyte, 3 * mebibyte + 17])(
    "stores %i bytes under the address that others compute, and gives them back",
    async (size) => {
      const cache = await openStore(await temporaryFolder());
      const bytes = bytesOf(size);
      const address = await cache.add(sourceOf(bytes));
      expect(address).toEqual(remoteContent(bytes).address);
      expect(isSame(await collect(cache.read(address.cid)), bytes)).toBe(true);
      const chunks = Math.ceil(size / mebibyte);
      expect(cache.stat(address.cid)).toEqual({ content: address, complete: true, chunks, present: chunks, pins: [] });
      expect(cache.haveMap(address.cid)).toEqual(Uint8Array.of(2 ** chunks - 1));
    },
  );

  test("is still there after closing and opening", async () => {
    const directory = await temporaryFolder();
    const bytes = bytesOf(mebibyte + 5);
    const first = await openStore(directory);
    const address = await first.add(sourceOf(bytes), undefined, "own");
    await first.close();
    const second = await openStore(directory);
    expect(isSame(await collect(second.read(address.cid)), bytes)).toBe(true);
    expect(second.stat(address.cid)?.pins).toEqual(["own"]);
  });

  test("finds a block by its digest alone", async () => {
    const cache = await openStore(await temporaryFolder());
    const bytes = bytesOf(mebibyte + 5);
    await cache.add(sourceOf(bytes));
    const digest = createHash("sha256").update(bytes.subarray(mebibyte)).digest("hex");
    expect(cache.hasBlock(digest)).toBe(true);
    expect(isSame((await cache.findBlock(digest)) ?? new Uint8Array(), bytes.subarray(mebibyte))).toBe(true);
    for (const other of ["0".repeat(64), "../".repeat(22).slice(0, 64), ""]) {
      expect(cache.hasBlock(other)).toBe(false);
      expect(await cache.findBlock(other)).toBeUndefined();
    }
  });

  test("any pieces of the source give the same content", async () => {
    const cache = await openStore(await temporaryFolder());
    const bytes = bytesOf(mebibyte + 1000);
    const { address } = remoteContent(bytes);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: bytes.byteLength }), { maxLength: 12 }), async (cuts) => {
        const edges = [0, ...cuts.sort((a, b) => a - b), bytes.byteLength];
        const pieces = edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
        const source = async function* (): AsyncGenerator<Uint8Array> {
          yield* pieces;
        };
        expect(await cache.add(source())).toEqual(address);
      }),
      { numRuns: 20 },
    );
  });

  test("any range gives its bytes", async () => {
    const cache = await openStore(await temporaryFolder());
    const bytes = bytesOf(3 * mebibyte + 100);
    const { cid } = await cache.add(sourceOf(bytes));
    const edge = fc.oneof(
      fc.integer({ min: 0, max: bytes.byteLength }),
      fc.constantFrom(0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte, bytes.byteLength),
    );
    await fc.assert(
      fc.asyncProperty(edge, edge, async (one, other) => {
        const range = { start: Math.min(one, other), end: Math.max(one, other) };
        const got = await collect(cache.read(cid, range));
        expect(Buffer.compare(got, bytes.subarray(range.start, range.end))).toBe(0);
      }),
      {
        numRuns: 60,
        examples: [
          [0, 0],
          [mebibyte, 2 * mebibyte],
        ],
      },
    );
  });

  test.each([
    { start: -1, end: 1 },
    { start: 2, end: 1 },
    { start: 0, end: 11 },
    { start: 0.5, end: 1 },
    { start: Number.NaN, end: 1 },
  ])("refuses the range %o of ten bytes", async (range) => {
    const cache = await openStore(await temporaryFolder());
    const { cid } = await cache.add(sourceOf(bytesOf(10)));
    await expect(collect(cache.read(cid, range))).rejects.toMatchObject({ code: "http.range-not-satisfiable" });
  });

  test("says what is not here", async () => {
    const cache = await openStore(await temporaryFolder());
    const { cid } = remoteContent(bytesOf(10)).address;
    expect(cache.stat(cid)).toBeUndefined();
    expect(cache.haveMap(cid)).toBeUndefined();
    await expect(collect(cache.read(cid))).rejects.toMatchObject({ code: "content.missing" });
    await expect(cache.pin(cid, "own")).rejects.toMatchObject({ code: "content.missing" });
  });

  test("refuses an empty source and one over the cap, and leaves nothing of them", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory, { maxPackageBytes: 3 * mebibyte });
    await expect(cache.add(sourceOf(new Uint8Array()))).rejects.toMatchObject({ code: "usage.invalid" });
    await expect(cache.add(sourceOf(bytesOf(3 * mebibyte + 1)))).rejects.toMatchObject({ code: "archive.too-large" });
    expect(await chunksOn(directory)).toEqual([]);
    expect(cache.status()).toMatchObject({ bytes: 0, contents: 0 });
    const address = await cache.add(sourceOf(bytesOf(3 * mebibyte)));
    expect(address.size).toBe(3 * mebibyte);
  });

  test("a failing or cancelled source leaves nothing", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield bytesOf(20 * mebibyte);
      throw new RangeError("the source broke");
    };
    await expect(cache.add(broken())).rejects.toThrow("the source broke");
    const controller = new AbortController();
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      for (let seed = 0; ; seed += 1) {
        if (seed === 3) controller.abort();
        yield bytesOf(mebibyte, seed);
      }
    };
    await expect(cache.add(endless(), controller.signal)).rejects.toMatchObject({ code: "aborted" });
    expect(await chunksOn(directory)).toEqual([]);
    expect(cache.status().bytes).toBe(0);
  });

  test("equal chunks are stored once", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const zeros = new Uint8Array(4 * mebibyte);
    const address = await cache.add(sourceOf(zeros));
    expect(await chunksOn(directory)).toHaveLength(2);
    expect(isSame(await collect(cache.read(address.cid)), zeros)).toBe(true);
    await cache.add(sourceOf(new Uint8Array(3 * mebibyte)));
    expect(await chunksOn(directory)).toHaveLength(3);
  });

  test("contents of over 1024 chunks have two levels", async () => {
    // One chunk again and again: the tree is real, the disk holds one megabyte.
    const cache = await openStore(await temporaryFolder(), { maxPackageBytes: 2000 * mebibyte });
    const zeros = new Uint8Array(8 * mebibyte);
    const size = 1024 * mebibyte + 5;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (let at = 0; at < size; at += zeros.byteLength)
        yield zeros.subarray(0, Math.min(zeros.byteLength, size - at));
    };
    const { cid } = await cache.add(source());
    expect(cache.stat(cid)).toMatchObject({ complete: true, chunks: 1025 });
    const range = { start: size - 6, end: size };
    expect(await collect(cache.read(cid, range))).toEqual(new Uint8Array(6));
  });

  test("after closing everything is refused", async () => {
    const cache = await openStore(await temporaryFolder());
    const address = await cache.add(sourceOf(bytesOf(10)));
    await cache.close();
    expect(() => cache.stat(address.cid)).toThrow(expect.objectContaining({ code: "aborted" }));
    await expect(cache.add(sourceOf(bytesOf(10)))).rejects.toMatchObject({ code: "aborted" });
    await expect(collect(cache.read(address.cid))).rejects.toMatchObject({ code: "aborted" });
  });
});
