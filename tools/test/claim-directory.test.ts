import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { claimDirectory, releaseDirectory } from "../demo/claim-directory.ts";

let scratch = "";

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), "ggen-claim-"));
});

afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

it("empties a folder that nobody uses", async () => {
  await writeFile(join(scratch, "old"), "");
  // A number that no process has: above the largest that Linux gives.
  await writeFile(join(scratch, "pid"), String(2 ** 23));
  await claimDirectory(scratch);
  expect(await readdir(scratch)).toEqual(["pid"]);
  await releaseDirectory(scratch);
  expect(await readdir(scratch)).toEqual([]);
});

it("leaves a folder alone that a running process uses", async () => {
  await writeFile(join(scratch, "pid"), String(process.ppid));
  await expect(claimDirectory(scratch)).rejects.toThrow(`process ${process.ppid}`);
  await releaseDirectory(scratch);
  expect(await readdir(scratch)).toEqual(["pid"]);
});
