import { readdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

import { toHex } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { migrations } from "../src/database/schema.ts";
import { StoreRows } from "../src/database/rows.ts";
import { toStorageError } from "../src/storage-error.ts";
import { bytesOf, remoteContent } from "./fixtures/content.ts";
import {
  chunksOn,
  collect,
  isSame,
  fetchAll,
  mebibyte,
  openStore,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";

/** A store of which a test knows the names of the temporary files: by how many there were before. */
async function openNumbered(
  directory: string,
): Promise<{ cache: Awaited<ReturnType<typeof openStore>>; nameOf: (number: number) => string }> {
  const prefix = new Uint8Array(8).fill(7);
  const random = { number: () => 0, bytes: () => prefix };
  const cache = await openStore(directory, { random });
  return { cache, nameOf: (number) => join(directory, "tmp", `${toHex(prefix)}-${number}`) };
}

// Linux has a device on which every write fails as on a full disk.
describe.runIf(process.platform === "linux")("a full disk", () => {
  test("fails a fetch, which goes on when there is space again; reads work throughout", async () => {
    const directory = await temporaryFolder();
    const { cache, nameOf } = await openNumbered(directory);
    const kept = await cache.add(sourceOf(bytesOf(1000)));
    const remote = remoteContent(bytesOf(mebibyte + 7));
    const writer = await cache.open(remote.address);
    const [root] = writer.missing();
    await symlink("/dev/full", nameOf(2));
    await expect(writer.put(root!, remote.blocks.get(root!.digest)!)).rejects.toMatchObject({ code: "storage.full" });
    expect(await readdir(join(directory, "tmp"))).toEqual([]);
    expect(isSame(await collect(cache.read(kept.cid)), bytesOf(1000))).toBe(true);
    await fetchAll(writer, remote);
    expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
  });

  test("fails an add without a trace, and the next one works", async () => {
    const directory = await temporaryFolder();
    const { cache, nameOf } = await openNumbered(directory);
    await symlink("/dev/full", nameOf(1));
    await expect(cache.add(sourceOf(bytesOf(2 * mebibyte)))).rejects.toMatchObject({ code: "storage.full" });
    expect(await readdir(join(directory, "tmp"))).toEqual([]);
    expect(await chunksOn(directory)).toEqual([]);
    const { cid } = await cache.add(sourceOf(bytesOf(2 * mebibyte)));
    expect(isSame(await collect(cache.read(cid)), bytesOf(2 * mebibyte))).toBe(true);
  });
});

describe("storage errors", () => {
  test("a full database changes nothing and says so", () => {
    const db = new DatabaseSync(":memory:");
    for (const migration of migrations) db.exec(migration);
    db.exec("PRAGMA max_page_count = 20");
    const rows = new StoreRows(db);
    const fill = (): void =>
      rows.transaction(() => {
        for (let number = 0; number < 10_000; number += 1) rows.insertBlock(`${number}`.padStart(64, "0"), 1);
      });
    expect(fill).toThrow(expect.objectContaining({ code: "storage.full" }));
    expect(rows.blockTotals()).toEqual({ blocks: 0, bytes: 0 });
    rows.transaction(() => rows.insertBlock("0".repeat(64), 1));
    expect(rows.blockTotals()).toEqual({ blocks: 1, bytes: 1 });
    rows.close();
  });

  test.each([
    [{ code: "ENOSPC" }, "storage.full"],
    [{ code: "EDQUOT" }, "storage.full"],
    [{ code: "EACCES" }, "storage.failed"],
    [{ errcode: 13 }, "storage.full"],
    [{ errcode: 11 + 256 }, "storage.corrupt"],
    [{ errcode: 26 }, "storage.corrupt"],
    [{ errcode: 5 }, "storage.failed"],
  ])("%o is %s", (fields, code) => {
    expect(toStorageError(Object.assign(new Error("x"), fields), "Doing")).toMatchObject({ code, message: "Doing" });
  });
});
