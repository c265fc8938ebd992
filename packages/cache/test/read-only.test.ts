import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import {
  chunkPath,
  chunksOn,
  collect,
  isSame,
  mebibyte,
  openStore,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";

describe("a reader beside the process that writes", () => {
  test("sees what the writer stores, as it stores it", async () => {
    const directory = await temporaryFolder();
    const writer = await openStore(directory);
    const one = await writer.add(sourceOf(bytesOf(mebibyte + 1)), undefined, "own");
    const reader = await openStore(directory, { readOnly: true });
    expect(isSame(await collect(reader.read(one.cid)), bytesOf(mebibyte + 1))).toBe(true);
    expect(reader.stat(one.cid)?.pins).toEqual(["own"]);
    const two = await writer.add(sourceOf(bytesOf(10)));
    expect(isSame(await collect(reader.read(two.cid)), bytesOf(10))).toBe(true);
    expect(reader.status()).toMatchObject({ contents: 2, pinned: 1 });
  });

  test("changes nothing", async () => {
    const directory = await temporaryFolder();
    const writer = await openStore(directory);
    const { cid } = await writer.add(sourceOf(bytesOf(10)));
    await writer.close();
    const reader = await openStore(directory, { readOnly: true });
    const refused = { code: "home.locked" };
    await expect(reader.add(sourceOf(bytesOf(10)))).rejects.toMatchObject(refused);
    await expect(reader.open(remoteContent(bytesOf(11)).address)).rejects.toMatchObject(refused);
    await expect(reader.pin(cid, "user")).rejects.toMatchObject(refused);
    await expect(reader.unpin(cid, "user")).rejects.toMatchObject(refused);
    await expect(reader.gc()).rejects.toMatchObject(refused);
    await expect(reader.drop(cid)).rejects.toMatchObject(refused);
    reader.lease(cid)();
    expect(isSame(await collect(reader.read(cid)), bytesOf(10))).toBe(true);
    await reader.close();
    expect(await chunksOn(directory)).toHaveLength(1);
  });

  test("tells damage, and leaves it to the writer", async () => {
    const directory = await temporaryFolder();
    const writer = await openStore(directory);
    const bytes = bytesOf(10);
    const { cid } = await writer.add(sourceOf(bytes));
    const [digest = ""] = leafDigests(bytes);
    await writeFile(chunkPath(directory, digest), "spoilt....");
    const reader = await openStore(directory, { readOnly: true });
    await expect(collect(reader.read(cid))).rejects.toMatchObject({ code: "content.mismatch" });
    expect(await reader.verify()).toMatchObject({ damaged: [digest], affected: [cid] });
    expect(await chunksOn(directory)).toEqual([digest]);
    expect((await writer.verify()).damaged).toEqual([digest]);
    expect(await chunksOn(directory)).toEqual([]);
  });

  test("of a store that is not there is empty, and makes nothing", async () => {
    const directory = await temporaryFolder();
    const reader = await openStore(join(directory, "absent"), { readOnly: true });
    expect(reader.contents()).toEqual([]);
    expect(await readdir(directory)).toEqual([]);
  });

  test("of a spoilt database is refused, and leaves it", async () => {
    const directory = await temporaryFolder();
    await writeFile(join(directory, "store.db"), bytesOf(20_000));
    await expect(openStore(directory, { readOnly: true })).rejects.toMatchObject({ code: "storage.corrupt" });
    expect(await readdir(directory)).toEqual(["store.db"]);
  });
});
