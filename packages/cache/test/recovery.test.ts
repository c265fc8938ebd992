import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { describe, expect, test } from "vitest";

import { recoveredPin } from "../src/index.ts";
import { bytesOf, leafDigests, remoteContent } from "./fixtures/content.ts";
import {
  chunkPath,
  changeRows,
  chunksOn,
  closedStore,
  collect,
  isSame,
  fetchAll,
  type LogLine,
  mebibyte,
  memoryLogger,
  openStore,
  sourceOf,
  temporaryFolder,
} from "./fixtures/support.ts";

const childScript = fileURLToPath(new URL("fixtures/writer-child.ts", import.meta.url));

/** Runs the child until it has said so many lines, kills it, and returns what it said. */
async function killAfter(directory: string, size: number, lines: number): Promise<string[]> {
  const child = spawn(process.execPath, [childScript, directory, `${size}`], { stdio: ["ignore", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === lines) child.kill("SIGKILL");
  }
  await exited;
  return said;
}

describe("kill -9 while writing", () => {
  const size = 40 * mebibyte + 11;
  const remote = remoteContent(bytesOf(size));

  test.each([1, 2, 19, 33, 47])(
    "after %i lines: nothing acknowledged is lost, nothing half is served",
    async (lines) => {
      const directory = await temporaryFolder();
      const said = await killAfter(directory, size, lines);
      const cache = await openStore(directory);
      const report = await cache.verify();
      expect(report.damaged).toEqual([]);
      const added = said.filter((line) => line.startsWith("added ")).map((line) => line.slice("added ".length));
      for (const cid of added) {
        expect(cache.stat(cid)).toMatchObject({ complete: true, pins: ["own"] });
        expect(await collect(cache.read(cid))).toHaveLength(100_000);
      }
      expect(await readdir(join(directory, "tmp"))).toEqual([]);
      const known = new Set(cache.contents().map(({ content }) => content.cid));
      known.delete(remote.address.cid);
      expect(known.size).toBeGreaterThanOrEqual(added.length);
      const writer = await cache.open(remote.address);
      await fetchAll(writer, remote);
      expect(isSame(await collect(cache.read(remote.address.cid)), remote.bytes)).toBe(true);
    },
  );

  test("what a killed process had committed is not fetched again", async () => {
    const directory = await temporaryFolder();
    // Each `added` is a commit, which takes the fetched chunks before it along.
    const said = await killAfter(directory, size, 40);
    const puts = said
      .slice(
        0,
        said.findLastIndex((line) => line.startsWith("added ")),
      )
      .filter((line) => line.startsWith("put "));
    const cache = await openStore(directory);
    const writer = await cache.open(remote.address);
    expect(writer.missing().length).toBeLessThanOrEqual(42 - puts.length);
  });
});

describe("starting again", () => {
  const content = remoteContent(bytesOf(2 * mebibyte + 9));
  const { cid } = content.address;
  const [first = ""] = leafDigests(content.bytes);

  test("a chunk file without its row is hashed and taken", async () => {
    const directory = await closedStore(content.bytes);
    changeRows(directory, `DELETE FROM block WHERE digest = '${first}'; UPDATE content SET complete = 0`);
    const cache = await openStore(directory);
    const writer = await cache.open(content.address);
    expect(writer.missing()).toEqual([]);
    await writer.finish();
    expect(isSame(await collect(cache.read(cid)), content.bytes)).toBe(true);
  });

  test.each([
    ["half", content.bytes.subarray(0, 5000)],
    ["another", bytesOf(mebibyte, 7)],
  ])("a chunk file without its row that holds %s chunk is not taken", async (_, bytes) => {
    const directory = await closedStore(content.bytes);
    changeRows(directory, `DELETE FROM block WHERE digest = '${first}'; UPDATE content SET complete = 0`);
    await writeFile(chunkPath(directory, first), bytes);
    const cache = await openStore(directory);
    expect(await chunksOn(directory)).not.toContain(first);
    const writer = await cache.open(content.address);
    expect(writer.missing().map(({ digest }) => digest)).toEqual([first]);
    await fetchAll(writer, content);
    expect(writer.complete).toBe(true);
  });

  test("a row without its file makes the content incomplete", async () => {
    const directory = await closedStore(content.bytes);
    await rm(chunkPath(directory, first));
    const log: LogLine[] = [];
    const cache = await openStore(directory, { logger: memoryLogger(log) });
    expect(cache.stat(cid)).toMatchObject({ complete: false, present: 2 });
    expect(log).toContainEqual(expect.objectContaining({ level: "warn", fields: { lost: 1, adopted: 0, removed: 0 } }));
  });

  test("files that nothing refers to, and temporary ones, go; others' files stay", async () => {
    const directory = await closedStore(content.bytes);
    const orphan = chunkPath(directory, "ab".repeat(32));
    await mkdir(dirname(orphan), { recursive: true });
    await writeFile(orphan, "x");
    await writeFile(join(directory, "tmp", "left"), "x");
    await writeFile(join(directory, "chunks", "notes.txt"), "x");
    await openStore(directory);
    expect(await chunksOn(directory)).toEqual([...content.blocks.keys(), "notes.txt"].sort());
    expect(await readdir(join(directory, "tmp"))).toEqual([]);
  });

  test.each([
    ["overwritten", (path: string) => writeFile(path, bytesOf(20_000))],
    ["cut off", async (path: string) => writeFile(path, (await readFile(path)).subarray(0, 5000))],
    ["spoilt inside", async (path: string) => writeFile(path, (await readFile(path)).fill(0xff, 4096, 20_000))],
    ["deleted", (path: string) => rm(path)],
  ])("a database that was %s is rebuilt from the chunks", async (name, spoil) => {
    const directory = await temporaryFolder();
    const before = await openStore(directory);
    const single = await before.add(sourceOf(bytesOf(300)), undefined, "own");
    await before.add(sourceOf(content.bytes));
    await before.close();
    await spoil(join(directory, "store.db"));
    const log: LogLine[] = [];
    const cache = await openStore(directory, { logger: memoryLogger(log) });
    expect(log.some(({ level, message }) => level === "warn" && message.includes("rebuilt"))).toBe(true);
    expect(isSame(await collect(cache.read(cid)), content.bytes)).toBe(true);
    expect(isSame(await collect(cache.read(single.cid)), bytesOf(300))).toBe(true);
    expect(cache.stat(cid)).toMatchObject({ content: content.address, complete: true, pins: [recoveredPin] });
    expect(cache.contents()).toHaveLength(2);
    const aside = (await readdir(directory)).filter((entry) => entry.startsWith("store.db.damaged-"));
    expect(aside).toHaveLength(name === "deleted" ? 0 : 1);
  });

  test("a rebuild sets damaged chunks aside, and the rest can be completed", async () => {
    const directory = await closedStore(content.bytes);
    await writeFile(chunkPath(directory, first), bytesOf(1000));
    await rm(join(directory, "store.db"));
    const cache = await openStore(directory);
    expect(cache.stat(cid)).toMatchObject({ complete: false, present: 2, pins: [] });
    const writer = await cache.open(content.address);
    expect(writer.missing().map(({ digest }) => digest)).toEqual([first]);
    await fetchAll(writer, content);
    expect(cache.stat(cid)?.content).toEqual(content.address);
  });

  test("a rebuild that was interrupted is done again", async () => {
    const directory = await closedStore(content.bytes);
    await rm(join(directory, "store.db"));
    const cache = await openStore(directory);
    await cache.close();
    // As a crash between making the tables and filling them would leave it.
    changeRows(directory, "DELETE FROM content; DELETE FROM block; DELETE FROM pin; PRAGMA application_id = 0");
    const again = await openStore(directory);
    expect(isSame(await collect(again.read(cid)), content.bytes)).toBe(true);
  });

  test("a database of a newer ggen is refused and left as it is", async () => {
    const directory = await closedStore(content.bytes);
    changeRows(directory, "PRAGMA user_version = 99");
    const path = join(directory, "store.db");
    const before = await readFile(path);
    await expect(openStore(directory)).rejects.toMatchObject({ code: "storage.newer" });
    expect(await readFile(path)).toEqual(before);
    expect(await chunksOn(directory)).toHaveLength(4);
  });
});
