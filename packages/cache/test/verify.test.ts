import { open, rm } from "node:fs/promises";

import { type Progress, sha256, toHex } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { chunkPath, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

const contents = [100, 20, 3].map((size) => bytesOf(size, size));
const digests = contents.map((bytes) => toHex(sha256(bytes)));

describe("a scrub", () => {
  test("says after every chunk how far it is, in the order of the digests", async () => {
    const cache = await openStore(await temporaryFolder());
    for (const bytes of contents) await cache.add(sourceOf(bytes));
    const steps: Progress[] = [];
    const report = await cache.verify({ onProgress: (step) => steps.push(step) });
    expect(report).toEqual({ checkedChunks: 3, checkedBytes: 123, damaged: [], affected: [] });
    const sizes = new Map(contents.map((bytes, at) => [digests[at], bytes.byteLength]));
    let done = 0;
    const expected = digests.toSorted().map((digest) => {
      done += sizes.get(digest) ?? 0;
      return { step: "verify", subject: "content store", done, total: 123, unit: "bytes" };
    });
    expect(steps).toEqual(expected);
  });

  test("of an empty store checks nothing", async () => {
    const cache = await openStore(await temporaryFolder());
    expect(await cache.verify()).toEqual({ checkedChunks: 0, checkedBytes: 0, damaged: [], affected: [] });
  });

  test("names what is damaged and whose it is, in order, and goes on behind it", async () => {
    const directory = await temporaryFolder();
    const cache = await openStore(directory);
    const addresses = [];
    for (const bytes of contents) addresses.push(await cache.add(sourceOf(bytes)));
    await rm(chunkPath(directory, digests[0]!));
    const file = await open(chunkPath(directory, digests[2]!), "r+");
    await file.write(Uint8Array.of(0x55), 0, 1, 1);
    await file.close();
    const report = await cache.verify();
    expect(report).toEqual({
      checkedChunks: 3,
      checkedBytes: 123,
      damaged: [digests[0]!, digests[2]!].toSorted(),
      affected: [addresses[0]!.cid, addresses[2]!.cid].toSorted(),
    });
    expect(await cache.verify()).toEqual({ checkedChunks: 1, checkedBytes: 20, damaged: [], affected: [] });
  });

  test("can be cancelled between two chunks", async () => {
    const cache = await openStore(await temporaryFolder());
    for (const bytes of contents) await cache.add(sourceOf(bytes));
    const controller = new AbortController();
    let steps = 0;
    const scrub = cache.verify({
      signal: controller.signal,
      onProgress: () => {
        steps += 1;
        controller.abort();
      },
    });
    await expect(scrub).rejects.toMatchObject({ code: "aborted" });
    expect(steps).toBe(1);
    expect((await cache.verify({ signal: new AbortController().signal })).checkedChunks).toBe(3);
  });

  test("does not end with its first page", async () => {
    const directory = await temporaryFolder();
    const before = await openStore(directory);
    const many = Array.from({ length: 260 }, (_, at) => bytesOf(8, 1000 + at));
    const put = async (bytes: Uint8Array): Promise<void> => {
      const writer = await before.open(remoteContent(bytes).address);
      await writer.put(writer.missing()[0]!, bytes);
    };
    await Promise.all(many.map((bytes) => put(bytes)));
    await before.close();
    const cache = await openStore(directory);
    const sorted = many.map((bytes) => toHex(sha256(bytes))).toSorted();
    await rm(chunkPath(directory, sorted.at(-1)!));
    expect(await cache.verify()).toMatchObject({ checkedChunks: 260, checkedBytes: 2080, damaged: [sorted.at(-1)!] });
  });
});
