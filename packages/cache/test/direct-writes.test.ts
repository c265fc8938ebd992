import { constants, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { readFile } from "node:fs/promises";

import { systemRandom } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { ChunkFiles } from "../src/files/chunk-files.ts";
import { createPageBuffers } from "../src/files/page-buffers.ts";
import { bytesOf } from "./fixtures/content.ts";
import { isSame, mebibyte, temporaryFolder } from "./fixtures/support.ts";

async function preparedFiles(): Promise<ChunkFiles> {
  const files = new ChunkFiles(await temporaryFolder(), systemRandom);
  await files.prepare();
  return files;
}

/** The flags that an open file of this process was opened with; undefined when it is not open. */
function openFlags(path: string): number | undefined {
  for (const descriptor of readdirSync("/proc/self/fd")) {
    try {
      if (readlinkSync(`/proc/self/fd/${descriptor}`) !== path) continue;
    } catch {
      continue;
    }
    const [, flags = ""] = /flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, "utf8")) ?? [];
    return Number.parseInt(flags, 8);
  }
  return undefined;
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
    for (const { path, synced } of [paged, other]) {
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
