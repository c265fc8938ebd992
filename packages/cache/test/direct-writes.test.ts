import { constants } from "node:fs";
import { readFile } from "node:fs/promises";

import { systemRandom } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { ChunkFiles } from "../src/files/chunk-files.ts";
import { createPageBuffers } from "../src/files/page-buffers.ts";
import { bytesOf } from "./fixtures/content.ts";
import { openFlags, refuse } from "./fixtures/disk.ts";
import { isSame, mebibyte, temporaryFolder } from "./fixtures/support.ts";

async function preparedFiles(): Promise<ChunkFiles> {
  const files = new ChunkFiles(await temporaryFolder(), systemRandom);
  await files.prepare();
  return files;
}

describe("a chunk in whole pages", () => {
  const chunk = bytesOf(mebibyte);

  test.runIf(process.platform === "linux")("goes to the disk past the system's cache", async () => {
    const files = await preparedFiles();
    const page = createPageBuffers(1).copyOf(chunk)!;
    const paged = await files.write(page, true);
    // Its sync was begun, and its close comes after that.
    expect(openFlags(paged.path)! & constants.O_DIRECT).toBe(constants.O_DIRECT);
    const other = await files.write(chunk);
    expect(openFlags(other.path)! & constants.O_DIRECT).toBe(0);
    const again = await files.write(page, true);
    expect(openFlags(again.path)! & constants.O_DIRECT).toBe(constants.O_DIRECT);
    for (const { path, synced } of [paged, other, again]) {
      expect(await synced).toBeUndefined();
      expect(isSame(await readFile(path), chunk)).toBe(true);
    }
  });

  test("goes the usual way, from then on, where the system refuses", async () => {
    const files = await preparedFiles();
    // Not at the beginning of a page: no disk takes that directly.
    const shifted = new Uint8Array(new ArrayBuffer(mebibyte + 8), 8);
    shifted.set(chunk);
    for (let turn = 0; turn < 2; turn += 1) {
      const { path, synced } = await files.write(shifted, true);
      expect(await synced).toBeUndefined();
      expect(isSame(await readFile(path), chunk)).toBe(true);
    }
    if (process.platform !== "linux") return;
    const { path, synced } = await files.write(createPageBuffers(1).copyOf(chunk)!, true);
    expect(openFlags(path)! & constants.O_DIRECT).toBe(0);
    await synced;
  });

  test.runIf(process.platform === "linux")("is refused by a full disk once, and goes directly again", async () => {
    const files = await preparedFiles();
    const page = createPageBuffers(1).copyOf(chunk)!;
    const allow = await refuse("write", "ENOSPC");
    await expect(files.write(page, true)).rejects.toMatchObject({ code: "storage.full" });
    allow();
    const { path, synced } = await files.write(page, true);
    expect(openFlags(path)! & constants.O_DIRECT).toBe(constants.O_DIRECT);
    await synced;
  });

  test.each(["EINVAL", "ENOTSUP", "EOPNOTSUPP"])("goes the usual way where the system says %s", async (code) => {
    const files = await preparedFiles();
    const page = createPageBuffers(1).copyOf(chunk)!;
    await refuse("write", code, 1);
    const { path, synced } = await files.write(page, true);
    expect(await synced).toBeUndefined();
    expect(isSame(await readFile(path), chunk)).toBe(true);
  });

  test("is lent a bounded number of times, and only when it is whole", () => {
    const pages = createPageBuffers(2);
    const [first, second] = [pages.copyOf(chunk)!, pages.copyOf(chunk)!];
    expect(isSame(first, chunk)).toBe(true);
    expect(first.byteOffset).not.toBe(second.byteOffset);
    expect(pages.copyOf(chunk)).toBeUndefined();
    pages.give(first);
    expect(pages.copyOf(chunk.subarray(1))).toBeUndefined();
    expect(pages.copyOf(chunk)?.byteOffset).toBe(first.byteOffset);
  });
});
