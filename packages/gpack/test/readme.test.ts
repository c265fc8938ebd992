import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { expect, it, onTestFinished } from "vitest";

it("the README's example runs", async () => {
  const root = join(import.meta.dirname, "..");
  const [, example = ""] = /```ts\n([\s\S]*?)```/.exec(await readFile(join(root, "README.md"), "utf8")) ?? [];
  const folder = join(root, ".tmp", "readme");
  await mkdir(folder, { recursive: true });
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, "example.ts"), example);
  const { stdout } = await promisify(execFile)(process.execPath, [join(folder, "example.ts")]);
  expect(stdout).toContain("io.example.my-package { modified: [] }");
});
