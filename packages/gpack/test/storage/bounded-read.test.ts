import { execFile } from "node:child_process";
import { mkdir, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { readBounded } from "../../src/storage/bounded-read.ts";
import { temporaryFolder } from "../support/temporary.ts";

it("reads small regular files and nothing else, and waits for nobody", async () => {
  const root = await temporaryFolder();
  const path = join(root, "file");
  await writeFile(path, "0123456789");
  expect(await readBounded(path, 10)).toEqual({ kind: "bytes", bytes: new TextEncoder().encode("0123456789") });
  expect(await readBounded(path, 9)).toEqual({ kind: "too-large" });
  await truncate(path, 1e12);
  expect(await readBounded(path, 1 << 20)).toEqual({ kind: "too-large" });
  await promisify(execFile)("mkfifo", [join(root, "pipe")]);
  expect(await readBounded(join(root, "pipe"), 10)).toEqual({ kind: "not-a-file" });
  await mkdir(join(root, "folder"));
  expect(await readBounded(join(root, "folder"), 10)).toEqual({ kind: "not-a-file" });
  await symlink("file", join(root, "link"));
  await expect(readBounded(join(root, "link"), 10)).rejects.toMatchObject({ code: "ELOOP" });
});
