import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  chmod,
  lstat,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { describe, expect, it, onTestFinished } from "vitest";

import {
  installArchive,
  type InstalledEntry,
  listInstalled,
  removeInstalled,
  verifyInstalled,
} from "../../src/index.ts";
import { inPieces } from "../support/bytes.ts";
import { rawArchive } from "../support/raw-tar.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { versionArchive } from "./version-archive.ts";

const id = "io.example.Thing";

async function install(target: string, version: string, as = id): Promise<InstalledEntry> {
  const { archive, record } = await versionArchive(as, version);
  return installArchive({ archive: () => archive.read(), target, record });
}

/** What of the store is not a tree or a record. */
async function leftovers(target: string): Promise<readonly string[]> {
  return (await readdir(join(target, ".store"))).filter((name) => name.startsWith(".") || name.endsWith(".tmp"));
}

it("stays whole when the tree of the version before it cannot be removed", async () => {
  const target = await temporaryFolder();
  const before = await install(target, "1.0.0");
  // What is in the place of its record is no file that could be unlinked.
  await rm(`${before.directory}.json`);
  await mkdir(`${before.directory}.json`);
  const entry = await install(target, "2.0.0");
  expect(await realpath(join(target, id))).toBe(entry.directory);
  expect((await verifyInstalled(target, id)).modified).toEqual([]);
});

describe("an installed package", () => {
  it("is a link to a folder with exactly the files", async () => {
    const target = join(await temporaryFolder(), "not", "there", "yet");
    const { record } = await versionArchive(id, "1.0.0");
    const entry = await install(target, "1.0.0");
    expect(entry.path).toBe(join(target, id));
    expect(await realpath(entry.path)).toBe(entry.directory);
    expect(await readlink(entry.path)).toMatch(
      new RegExp(String.raw`^\.store/io\.example\.Thing@1\.0\.0-${record.checksum.slice(7, 19)}\.[0-9a-f]{8}$`),
    );
    expect((await readdir(entry.path, { recursive: true })).sort()).toEqual([
      "a.txt",
      "docs",
      "docs/b.txt",
      "run.sh",
      "z.txt",
    ]);
    expect((await lstat(join(entry.path, "run.sh"))).mode & 0o777).toBe(0o755);
    expect(await listInstalled(target)).toEqual([entry]);
    expect(entry.record).toEqual(record);
    expect(await verifyInstalled(target, id.toLowerCase())).toEqual({ modified: [] });
    expect(await leftovers(target)).toEqual([]);
  });

  it("is replaced in one step, and its old version removed", async () => {
    const target = await temporaryFolder();
    await install(target, "1.0.0");
    let stop = false;
    const seen = new Set<string>();
    const reader = async (): Promise<void> => {
      while (!stop) seen.add(await readFile(join(target, id, "z.txt"), "utf8"));
    };
    const reading = reader();
    for (let patch = 1; patch <= 20; patch += 1) await install(target, `1.0.${patch}`);
    stop = true;
    await reading;
    expect([...seen].every((version) => /^1\.0\.\d+$/.test(version))).toBe(true);
    expect(await readdir(join(target, ".store"))).toHaveLength(2);
    expect((await listInstalled(target)).map(({ record }) => record.version)).toEqual(["1.0.20"]);
  });

  it("keeps its place when its id is written in another case", async () => {
    const target = await temporaryFolder();
    await install(target, "1.0.0");
    const entry = await install(target, "1.1.0", id.toUpperCase());
    expect(entry.path).toBe(join(target, id));
    expect((await readdir(target)).sort()).toEqual([".store", id]);
  });

  it("can be installed again as it is", async () => {
    const target = await temporaryFolder();
    await install(target, "1.0.0");
    await appendFile(join(target, id, "a.txt"), "!");
    await install(target, "1.0.0");
    expect(await verifyInstalled(target, id)).toEqual({ modified: [] });
  });

  it("tells what was changed in it", async () => {
    const target = await temporaryFolder();
    const { path } = await install(target, "1.0.0");
    await writeFile(join(path, "a.txt"), "1.0.1");
    await chmod(join(path, "z.txt"), 0o755);
    await rm(join(path, "docs"), { recursive: true });
    await writeFile(join(path, "new.txt"), "");
    await unlink(join(path, "run.sh"));
    await symlink("a.txt", join(path, "run.sh"));
    expect(await verifyInstalled(target, id)).toEqual({
      modified: ["a.txt", "docs/b.txt", "new.txt", "run.sh", "z.txt"],
    });
  });

  it("is removed with everything of it", async () => {
    const target = await temporaryFolder();
    await install(target, "1.0.0");
    await install(target, "1.0.0", "other");
    await removeInstalled(target, id.toUpperCase());
    expect((await listInstalled(target)).map(({ record }) => record.id)).toEqual(["other"]);
    expect(await readdir(join(target, ".store"))).toHaveLength(2);
    for (const attempt of [removeInstalled, verifyInstalled]) {
      await expect(attempt(target, id)).rejects.toMatchObject({ code: "package.not-installed" });
    }
    expect(await listInstalled(join(target, "nowhere"))).toEqual([]);
  });

  it("whose record is damaged is reported, does not hide the others, and can be installed again", async () => {
    const target = await temporaryFolder();
    const { directory } = await install(target, "1.0.0");
    await install(target, "1.0.0", "other");
    await writeFile(`${directory}.json`, '{"schema":1}');
    const damaged: string[] = [];
    const list = await listInstalled(target, { onDamaged: (name, { code }) => void damaged.push(name, code) });
    expect(list.map(({ record }) => record.id)).toEqual(["other"]);
    expect(damaged).toEqual([id, "storage.corrupt"]);
    await expect(verifyInstalled(target, id)).rejects.toMatchObject({ code: "storage.corrupt" });
    await install(target, "1.0.0");
    expect(await verifyInstalled(target, id)).toEqual({ modified: [] });
  });
});

describe("an install that fails", () => {
  it.each([
    ["a folder", (path: string) => mkdir(join(path, "mine"), { recursive: true }).then(() => undefined)],
    ["a file", (path: string) => writeFile(path, "mine")],
    ["a link", (path: string) => symlink("elsewhere", path)],
  ])("because %s of the user is in its place touches nothing", async (_, put) => {
    const target = await temporaryFolder();
    await put(join(target, id));
    const before = await lstat(join(target, id));
    await expect(install(target, "1.0.0")).rejects.toMatchObject({ code: "package.modified" });
    expect((await lstat(join(target, id))).ino).toBe(before.ino);
    expect(await readdir(target)).toEqual([id]);
  });

  it("because the bytes are not those of the record leaves the old version", async () => {
    const target = await temporaryFolder();
    await install(target, "1.0.0");
    const { record } = await versionArchive(id, "1.1.0");
    const other = await versionArchive(id, "1.1.1");
    const attempt = installArchive({ archive: () => inPieces(other.bytes), target, record });
    await expect(attempt).rejects.toMatchObject({ code: "content.mismatch" });
    const hostile = rawArchive({ name: "../evil" });
    const size = hostile.byteLength;
    await expect(
      installArchive({ archive: () => inPieces(hostile), target, record: { ...record, size } }),
    ).rejects.toMatchObject({ code: "archive.invalid" });
    expect(await readFile(join(target, id, "z.txt"), "utf8")).toBe("1.0.0");
    expect(await readdir(join(target, ".store"))).toHaveLength(2);
  });

  it("because the second reading gives other bytes leaves nothing", async () => {
    const target = await temporaryFolder();
    const { bytes, record } = await versionArchive(id, "1.0.0");
    const changed = await versionArchive(id, "1.0.1");
    let times = 0;
    const archive = () => inPieces(times++ === 0 ? bytes : changed.bytes);
    await expect(installArchive({ archive, target, record })).rejects.toMatchObject({ code: "content.mismatch" });
    expect(await readdir(target)).toEqual([".store"]);
    expect(await readdir(join(target, ".store"))).toEqual([]);
  });

  it("because it was cancelled leaves nothing", async () => {
    const target = await temporaryFolder();
    const { archive, record } = await versionArchive(id, "1.0.0");
    const controller = new AbortController();
    const attempt = installArchive({
      archive: () => archive.read(),
      target,
      record,
      signal: controller.signal,
      onProgress: ({ step }) => {
        if (step === "write") controller.abort();
      },
    });
    await expect(attempt).rejects.toMatchObject({ code: "aborted" });
    expect(await readdir(join(target, ".store"))).toEqual([]);
  });

  it("because the store is not a folder of ours says so", async () => {
    const [target, elsewhere] = [await temporaryFolder(), await temporaryFolder()];
    await symlink(elsewhere, join(target, ".store"));
    await expect(install(target, "1.0.0")).rejects.toMatchObject({ code: "storage.failed" });
    expect(await readdir(elsewhere)).toEqual([]);
  });
});

describe("processes", () => {
  it("that are killed leave the old version, and their leftovers are cleaned by the next install", async () => {
    const target = await temporaryFolder();
    await install(target, "1.0.0");
    const child: ChildProcess = spawn(
      process.execPath,
      [fileURLToPath(import.meta.resolve("./crash-child.ts")), target, id, "2.0.0"],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    onTestFinished(() => void child.kill("SIGKILL"));
    await once(child.stdout ?? child, "data");
    expect(await leftovers(target)).toHaveLength(1);
    await install(target, "1.0.0", "while-it-runs");
    expect(await leftovers(target)).toHaveLength(1);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(await verifyInstalled(target, id)).toEqual({ modified: [] });
    await install(target, "1.0.1");
    expect(await leftovers(target)).toEqual([]);
    expect(await readFile(join(target, id, "a.txt"), "utf8")).toBe("1.0.1");
  });

  it("that install one package at once end with one complete version", async () => {
    const target = await temporaryFolder();
    const child = fileURLToPath(import.meta.resolve("./install-child.ts"));
    await Promise.all(
      [1, 2, 3].map((major) => {
        const versions = Array.from({ length: 8 }, (_, minor) => `${major}.${minor}.0`);
        return promisify(execFile)(process.execPath, [child, target, id, ...versions]);
      }),
    );
    const [entry, ...others] = await listInstalled(target);
    expect(others).toEqual([]);
    expect(entry?.record.version).toMatch(/^[123]\.7\.0$/);
    expect(await verifyInstalled(target, id)).toEqual({ modified: [] });
    expect(await leftovers(target)).toEqual([]);
  });

  it("that died a day ago leave no tree behind", async () => {
    const target = await temporaryFolder();
    const { directory } = await install(target, "1.0.0");
    const orphan = join(target, ".store", "io.example.gone@1.0.0-000000000000.00000000");
    const foreign = join(target, ".store", "notes-of-the-user");
    for (const path of [orphan, foreign]) {
      await mkdir(path);
      await utimes(path, 1, 1);
    }
    await utimes(directory, 1, 1);
    await install(target, "1.0.0", "other");
    const names = await readdir(join(target, ".store"));
    expect(names).not.toContain("io.example.gone@1.0.0-000000000000.00000000");
    expect(names).toContain("notes-of-the-user");
    expect(await verifyInstalled(target, id)).toEqual({ modified: [] });
  });
});
