import { mkdir, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { sha256, toHex } from "@ggen/p2p-types";
import { describe, expect, test } from "vitest";

import { ChunkFiles } from "../src/files/chunk-files.ts";
import { observeSyncs, openIn, refuse, shorten } from "./fixtures/disk.ts";
import { bytesOf } from "./fixtures/content.ts";
import { chunkPath, isSame, seededRandom, temporaryFolder } from "./fixtures/support.ts";

const chunk = bytesOf(1000);
const digest = toHex(sha256(chunk));
const isLinux = process.platform === "linux";
const permissions = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

async function prepared(): Promise<{ directory: string; files: ChunkFiles }> {
  const directory = await temporaryFolder();
  const files = new ChunkFiles(directory, seededRandom(1));
  await files.prepare();
  return { directory, files };
}

/** Stores bytes under a digest, theirs or not. */
async function stored(files: ChunkFiles, bytes: Uint8Array = chunk, name = digest): Promise<string> {
  const { path, synced } = await files.write(bytes);
  expect(await synced).toBeUndefined();
  const target = await files.publish(path, name);
  await files.syncNames([name]);
  return target;
}

describe("the folders", () => {
  test("are made with those above them, and what was half-written goes, nothing else", async () => {
    const directory = join(await temporaryFolder(), "a", "b");
    const files = new ChunkFiles(directory, seededRandom(1));
    await files.prepare();
    expect((await readdir(directory)).toSorted()).toEqual(["chunks", "quarantine", "tmp"]);
    const target = await stored(files);
    await writeFile(join(directory, "tmp", "left"), "x");
    await mkdir(join(directory, "tmp", "folder", "inside"), { recursive: true });
    await new ChunkFiles(directory, seededRandom(2)).prepare();
    expect(await readdir(join(directory, "tmp"))).toEqual([]);
    expect(isSame(await readFile(target), chunk)).toBe(true);
  });

  test("that cannot be made are a failure of the disk", async () => {
    const file = join(await temporaryFolder(), "file");
    await writeFile(file, "x");
    const files = new ChunkFiles(file, seededRandom(1));
    await expect(files.prepare()).rejects.toMatchObject({ code: "storage.failed", cause: { code: "ENOTDIR" } });
  });

  test.runIf(process.platform !== "win32")("and files are the owner's alone", async () => {
    const { directory, files } = await prepared();
    const target = await stored(files);
    await files.quarantine(target, digest);
    const [aside = ""] = await readdir(join(directory, "quarantine"));
    for (const folder of ["chunks", "tmp", "quarantine", join("chunks", digest.slice(0, 2))]) {
      expect(await permissions(join(directory, folder))).toBe(0o700);
    }
    expect(await permissions(join(directory, "quarantine", aside))).toBe(0o600);
    await rm(join(directory, "quarantine"), { recursive: true });
    await files.quarantine(await stored(files), digest);
    expect(await permissions(join(directory, "quarantine"))).toBe(0o700);
  });

  test.runIf(isLinux)("are synced with the folder that they are in, and closed", async () => {
    const directory = join(await temporaryFolder(), "store");
    const synced = await observeSyncs();
    await new ChunkFiles(directory, seededRandom(1)).prepare();
    expect(synced).toEqual([directory, dirname(directory)]);
    expect(openIn(directory)).toEqual([]);
  });
});

describe("a chunk's file", () => {
  test("is found by nothing but a digest", async () => {
    const { directory, files } = await prepared();
    expect(files.path(digest)).toBe(chunkPath(directory, digest));
    for (const name of ["", "../../x", digest.slice(1), `${digest}0`, digest.toUpperCase()]) {
      expect(() => files.path(name)).toThrow(RangeError);
    }
  });

  test("is written under a name of its own, whoever else writes", async () => {
    const { directory, files } = await prepared();
    const other = new ChunkFiles(directory, seededRandom(2));
    const paths: string[] = [];
    for (const one of [files, files, other]) {
      const { path, synced } = await one.write(chunk);
      await synced;
      paths.push(basename(path));
    }
    expect(paths.toSorted()).toEqual((await readdir(join(directory, "tmp"))).toSorted());
    expect(new Set(paths).size).toBe(3);
    for (const path of paths) expect(path).toMatch(/^[0-9a-f]{16}-[12]$/);
  });

  test.each([1, 7, 999])("is whole when the system writes and reads %i bytes at a time", async (bytes) => {
    const { files } = await prepared();
    await shorten("write", bytes);
    await shorten("read", bytes);
    const path = await stored(files);
    const found = await files.read(path, digest, 1000);
    expect(isSame(found as Uint8Array, chunk)).toBe(true);
  });

  test.runIf(isLinux)("is synced and closed before it gets its name, and its folders after that", async () => {
    const { directory, files } = await prepared();
    const synced = await observeSyncs();
    const paths: string[] = [];
    const chunks = join(directory, "chunks");
    const [one, two, three] = [`ab${"0".repeat(62)}`, `ab${"1".repeat(62)}`, `cd${"0".repeat(62)}`];
    for (const name of [one, two]) {
      const { path, synced: durable } = await files.write(chunk);
      expect(await durable).toBeUndefined();
      expect(openIn(directory)).toEqual([]);
      paths.push(path);
      expect(await files.publish(path, name)).toBe(chunkPath(directory, name));
    }
    expect(synced).toEqual(paths);
    await files.syncNames([one, two]);
    expect(synced.slice(2)).toEqual([join(chunks, "ab"), chunks]);
    // A folder that was there before needs no new name.
    await files.syncNames([one]);
    expect(synced.slice(4)).toEqual([join(chunks, "ab")]);
    await mkdir(join(chunks, "cd"));
    await files.syncNames([three, one]);
    expect(synced.slice(5).toSorted()).toEqual([chunks, join(chunks, "ab"), join(chunks, "cd")]);
    expect(openIn(directory)).toEqual([]);
  });

  test.runIf(isLinux)("that cannot be synced says so, and is closed", async () => {
    const { directory, files } = await prepared();
    const allow = await refuse("sync", "EIO");
    const { synced } = await files.write(chunk);
    expect(await synced).toMatchObject({ code: "EIO" });
    expect(openIn(directory)).toEqual([]);
    allow();
    expect(await (await files.write(chunk)).synced).toBeUndefined();
  });

  test.runIf(isLinux)("that cannot be written is not left, and closed", async () => {
    const { directory, files } = await prepared();
    const allow = await refuse("write", "ENOSPC");
    await expect(files.write(chunk)).rejects.toMatchObject({ code: "storage.full", cause: { code: "ENOSPC" } });
    expect(await readdir(join(directory, "tmp"))).toEqual([]);
    expect(openIn(directory)).toEqual([]);
    allow();
    await rm(join(directory, "tmp"), { recursive: true });
    await expect(files.write(chunk)).rejects.toMatchObject({ code: "storage.failed", cause: { code: "ENOENT" } });
  });

  test("goes when it is discarded, and may be gone before", async () => {
    const { directory, files } = await prepared();
    const { path, synced } = await files.write(chunk);
    await synced;
    for (let turn = 0; turn < 2; turn += 1) await files.discard(path);
    expect(await readdir(join(directory, "tmp"))).toEqual([]);
  });
});

describe("a chunk that is read", () => {
  const read = async (files: ChunkFiles, path: string, length = 1000): Promise<unknown> => {
    const found = await files.read(path, digest, length);
    return found instanceof Uint8Array ? isSame(found, chunk) : found;
  };

  test("is damaged unless its length and its bytes are right, and absent when there is no file", async () => {
    const { directory, files } = await prepared();
    const path = await stored(files);
    expect(await read(files, path)).toBe(true);
    for (const length of [0, 999, 1001]) expect(await read(files, path, length)).toBe("damaged");
    await writeFile(path, chunk.toReversed());
    expect(await read(files, path)).toBe("damaged");
    expect(await read(files, join(directory, "chunks", "absent"))).toBeUndefined();
    if (isLinux) expect(openIn(directory)).toEqual([]);
  });

  test.each([
    [1001, true],
    [1000, true],
    [999, false],
  ])("goes into %i bytes that are there for it: %s", async (length, isUsed) => {
    const { files } = await prepared();
    const space = new Uint8Array(length);
    const found = (await files.read(await stored(files), digest, 1000, space)) as Uint8Array;
    expect(isSame(found, chunk)).toBe(true);
    expect(found.buffer === space.buffer).toBe(isUsed);
  });

  test("is damaged when it is a folder, or the disk cannot read it", async () => {
    const { directory, files } = await prepared();
    const folder = join(directory, "chunks");
    expect(await read(files, folder)).toBe("damaged");
    expect(await read(files, folder, (await stat(folder)).size)).toBe("damaged");
    const path = await stored(files);
    await refuse("read", "EIO");
    expect(await read(files, path)).toBe("damaged");
  });

  test("is damaged when it becomes shorter meanwhile", async () => {
    const { files } = await prepared();
    const path = await stored(files);
    await shorten("read", 0);
    expect(await read(files, path)).toBe("damaged");
  });

  test.runIf(process.platform !== "win32")("is not judged when the system does not let it be opened", async () => {
    const { directory, files } = await prepared();
    const loop = join(directory, "chunks", "loop");
    await symlink(loop, loop);
    await expect(read(files, loop)).rejects.toMatchObject({ code: "storage.failed", cause: { code: "ELOOP" } });
  });

  test("has its size told when it is a file", async () => {
    const { directory, files } = await prepared();
    expect(await files.size(digest)).toBeUndefined();
    await mkdir(chunkPath(directory, digest), { recursive: true });
    expect(await files.size(digest)).toBeUndefined();
    await rm(chunkPath(directory, digest), { recursive: true });
    await stored(files);
    expect(await files.size(digest)).toBe(1000);
  });
});

describe("a chunk that is set aside", () => {
  const aside = async (directory: string): Promise<string[]> =>
    (await readdir(join(directory, "quarantine"))).toSorted();

  test("is kept, the last sixteen of them, whatever their names", async () => {
    const { directory, files } = await prepared();
    const names = Array.from({ length: 20 }, (_, at) => (37 * (at + 1)).toString(16).padStart(64, `${at % 10}`));
    for (const name of names) await files.quarantine(await stored(files, bytesOf(10), name), name);
    const kept = await aside(directory);
    expect(kept.map((name) => name.slice(0, 64))).toEqual(names.slice(4).toSorted());
    await files.quarantine(await stored(files, chunk, names[0]), names[0]!);
    const [latest = "", ...more] = (await aside(directory)).filter((name) => name.startsWith(names[0]!));
    expect(more).toEqual([]);
    expect(isSame(await readFile(join(directory, "quarantine", latest)), chunk)).toBe(true);
  });

  test("comes after what an earlier version or somebody else left there", async () => {
    const { directory, files } = await prepared();
    const left = [`${digest}.10`, `${digest}.1a2b3c4d`, `${digest}.50.old`, "notes"];
    for (const name of left) await writeFile(join(directory, "quarantine", name), "x");
    for (let turn = 0; turn < 15; turn += 1) await files.quarantine(await stored(files), digest);
    const kept = await aside(directory);
    expect(kept).toHaveLength(16);
    expect(kept.filter((name) => left.includes(name))).toEqual([`${digest}.10`]);
  });

  test("may be a folder, and goes with those that are too many", async () => {
    const { directory, files } = await prepared();
    for (let turn = 0; turn < 18; turn += 1) {
      await mkdir(join(chunkPath(directory, digest), "inside"), { recursive: true });
      await files.quarantine(chunkPath(directory, digest), digest);
    }
    expect(await aside(directory)).toHaveLength(16);
  });

  test("goes when there is no place for it", async () => {
    const { directory, files } = await prepared();
    await rm(join(directory, "quarantine"), { recursive: true });
    await writeFile(join(directory, "quarantine"), "x");
    await files.quarantine(await stored(files), digest);
    expect(await files.size(digest)).toBeUndefined();
    await mkdir(join(chunkPath(directory, digest), "inside"), { recursive: true });
    await files.quarantine(chunkPath(directory, digest), digest);
    expect(await readdir(dirname(chunkPath(directory, digest)))).toEqual([]);
  });
});

test("only chunks where they belong are listed", async () => {
  const { directory, files } = await prepared();
  const chunks = join(directory, "chunks");
  await stored(files);
  const other = "5".repeat(64);
  await mkdir(join(chunks, "66"));
  for (const path of ["notes.txt", join("66", other), join(digest.slice(0, 2), `${digest}.old`)]) {
    await writeFile(join(chunks, path), "x");
  }
  const listed: string[] = [];
  for await (const name of files.list()) listed.push(name);
  expect(listed).toEqual([digest]);
});
