import { readFile, utimes, writeFile } from "node:fs/promises";

import { systemClock } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { CheckedFiles } from "../src/files/checked-files.ts";
import { bytesOf, remoteContent } from "./fixtures/content.ts";
import { chunkPath, collect, isSame, openStore, sourceOf, temporaryFolder } from "./fixtures/support.ts";

const tenMinutesMs = 600_000;
const content = remoteContent(bytesOf(70_000));
const { cid } = content.address;
const digest = [...content.blocks.keys()][0]!;

/** A clock that stands still until it is told. */
function standingClock(): { readonly clock: typeof systemClock; readonly pass: (ms: number) => void } {
  let passedMs = 0;
  const startMs = systemClock.now() + 10_000;
  return {
    clock: { ...systemClock, now: () => startMs + passedMs, monotonic: () => passedMs },
    pass: (ms) => void (passedMs += ms),
  };
}

/** Damages a chunk as a disk does, with nothing told of it: its times are those of before. */
async function spoil(directory: string, modified: Date): Promise<void> {
  const path = chunkPath(directory, digest);
  const bytes = await readFile(path);
  bytes[7] = (bytes[7] ?? 0) ^ 1;
  await writeFile(path, bytes);
  await utimes(path, modified, modified);
}

describe("a chunk that is served again and again", () => {
  test("is checked once in ten minutes while its file does not change", async () => {
    const { clock, pass } = standingClock();
    const directory = await temporaryFolder();
    const cache = await openStore(directory, { clock });
    await cache.add(sourceOf(content.bytes));
    const modified = new Date(1_700_000_000_000);
    await utimes(chunkPath(directory, digest), modified, modified);
    // Checked, since its time is another.
    expect(isSame(await cache.readBlock(cid, digest), content.bytes)).toBe(true);
    await spoil(directory, modified);
    pass(tenMinutesMs - 1);
    expect(isSame(await cache.readBlock(cid, digest), content.bytes)).toBe(false);
    pass(1);
    expect(await cache.readBlock(cid, digest)).toBeUndefined();
    await expect(collect(cache.read(cid))).rejects.toMatchObject({ code: "content.missing" });
  });

  test("is checked when its file changed", async () => {
    const { clock } = standingClock();
    const directory = await temporaryFolder();
    const cache = await openStore(directory, { clock });
    await cache.add(sourceOf(content.bytes));
    expect(isSame(await cache.readBlock(cid, digest), content.bytes)).toBe(true);
    await spoil(directory, new Date(1_700_000_000_000));
    expect(await cache.readBlock(cid, digest)).toBeUndefined();
  });

  test("is checked when it is read for oneself", async () => {
    const { clock } = standingClock();
    const directory = await temporaryFolder();
    const cache = await openStore(directory, { clock });
    await cache.add(sourceOf(content.bytes));
    const modified = new Date(1_700_000_000_000);
    await utimes(chunkPath(directory, digest), modified, modified);
    expect(isSame(await cache.readBlock(cid, digest), content.bytes)).toBe(true);
    await spoil(directory, modified);
    await expect(collect(cache.read(cid))).rejects.toMatchObject({ code: "content.mismatch" });
  });
});

describe("what is remembered of files", () => {
  const file = { ino: 7, mtimeMs: 1000 };

  test("is of no use for another file, or one that has just changed", () => {
    const { clock } = standingClock();
    const files = new CheckedFiles(clock);
    files.note("a", file);
    expect(files.isFresh("a", file)).toBe(true);
    expect(files.isFresh("b", file)).toBe(false);
    expect(files.isFresh("a", { ...file, ino: 8 })).toBe(false);
    expect(files.isFresh("a", { ...file, mtimeMs: 1001 })).toBe(false);
    const justNow = { ino: 7, mtimeMs: clock.now() - 99 };
    files.note("a", justNow);
    expect(files.isFresh("a", justNow)).toBe(false);
  });

  test("is bounded", () => {
    const files = new CheckedFiles(standingClock().clock);
    for (let index = 0; index <= 8192; index += 1) files.note(`${index}`, file);
    expect(files.isFresh("0", file)).toBe(false);
    expect(files.isFresh("1", file)).toBe(true);
    expect(files.isFresh("8192", file)).toBe(true);
  });
});
