import { execFile } from "node:child_process";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

it("runs the example of the README as it stands", { timeout: 60_000 }, async () => {
  const text = await readFile(join(root, "README.md"), "utf8");
  const blocks = [...text.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code ?? "");
  expect(blocks).toHaveLength(1);
  // In the package's own folder, so that its name resolves to itself as it does for its users.
  const file = join(root, "test", `.readme-example-${process.pid}.ts`);
  await writeFile(file, blocks.join("\n"));
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [file], { timeout: 50_000 });
    const lines = stdout.trim().split("\n");
    expect(lines[0]).toMatch(/^sha256:[0-9a-f]{64} 24$/);
    expect(lines.slice(1, 4)).toEqual([
      "io.example.my-package 1.0.0",
      expect.stringMatching(/^My Package v1\.0\.0 \(score: [\d.]+\)$/),
      "true",
    ]);
    expect(lines.slice(-3)).toEqual(["1.0.0", "1.0.0", "1"]);
  } finally {
    await rm(file, { force: true });
  }
});
