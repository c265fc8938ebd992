import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, it, onTestFinished } from "vitest";

import { makeFolders } from "../../src/index.ts";

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "ggen-folders-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

it("makes what is missing, many at once, with the mode that was asked for", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "a/b/c");
  await Promise.all([makeFolders(path, 0o700), makeFolders(join(folder, "a/b/d"), 0o700), makeFolders(path, 0o700)]);
  await makeFolders(path, 0o755);
  for (const made of ["a", "a/b", "a/b/c", "a/b/d"]) {
    expect((await stat(join(folder, made))).mode & 0o777).toBe(0o700);
  }
});

it("refuses below a file, and where a file is", async () => {
  const folder = await temporaryFolder();
  const file = join(folder, "file");
  await writeFile(file, "");
  await expect(makeFolders(file)).rejects.toMatchObject({ code: "EEXIST" });
  await expect(makeFolders(join(file, "below"))).rejects.toMatchObject({ code: "ENOTDIR" });
});

it("ends where a file system has no such folder and makes none, as /proc", async () => {
  expect(existsSync("/proc/self")).toBe(process.platform === "linux");
  await expect(makeFolders("/proc/ggen-none/below")).rejects.toMatchObject({ syscall: "mkdir" });
});
