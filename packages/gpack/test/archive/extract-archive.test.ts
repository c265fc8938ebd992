import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

import { extractArchive, packFiles } from "../../src/index.ts";
import { temporaryFolder } from "../support/temporary.ts";

const files = {
  "a/b/c.txt": "deep",
  "a/x": "",
  "run.sh": "#!/bin/sh\necho run\n",
  big: new Uint8Array(3_000_000).fill(9),
};

describe("extraction", () => {
  it("writes the files with their modes, whatever the umask", async () => {
    const root = await temporaryFolder();
    const before = process.umask(0o077);
    onTestFinished(() => void process.umask(before));
    const out = join(root, "out");
    const extracted = await extractArchive(packFiles(files, { maxBytes: 1 << 24 }).read(), out);
    expect(extracted.map(({ path, size }) => [path, size])).toEqual([
      ["a/b/c.txt", 4],
      ["a/x", 0],
      ["big", 3_000_000],
      ["run.sh", 19],
    ]);
    expect(new Uint8Array(await readFile(join(out, "big")))).toEqual(files.big);
    expect(await readFile(join(out, "a/b/c.txt"), "utf8")).toBe("deep");
    const modes = await Promise.all(
      ["", "a", "a/b", "a/x", "run.sh"].map(async (path) => (await stat(join(out, path))).mode & 0o7777),
    );
    expect(modes).toEqual([0o755, 0o755, 0o755, 0o644, 0o755]);
  });

  it("refuses a folder that is there already, and leaves it", async () => {
    const root = await temporaryFolder();
    await mkdir(join(root, "out", "kept"), { recursive: true });
    const attempt = extractArchive(packFiles(files, { maxBytes: 1 << 24 }).read(), join(root, "out"));
    await expect(attempt).rejects.toMatchObject({ code: "storage.failed", got: "file already exists (EEXIST)" });
    expect(await readdir(join(root, "out"))).toEqual(["kept"]);
  });

  it("leaves nothing when it is cancelled half-way", async () => {
    const root = await temporaryFolder();
    const controller = new AbortController();
    const attempt = extractArchive(packFiles(files, { maxBytes: 1 << 24 }).read(), join(root, "out"), {
      signal: controller.signal,
      onBytes: (written) => {
        if (written > 1_000_000) controller.abort();
      },
    });
    await expect(attempt).rejects.toMatchObject({ code: "aborted" });
    expect(await readdir(root)).toEqual([]);
  });

  it("leaves nothing when its source fails", async () => {
    const root = await temporaryFolder();
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const piece of packFiles(files, { maxBytes: 1 << 24 }).read()) {
        yield piece;
        throw new Error("the disk went away");
      }
    }
    await expect(extractArchive(source(), join(root, "out"))).rejects.toMatchObject({ code: "storage.failed" });
    expect(await readdir(root)).toEqual([]);
  });
});
