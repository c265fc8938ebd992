import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { describe, expect, it } from "vitest";

import { extractArchive, validateArchive } from "../../src/index.ts";
import { inPieces } from "../support/bytes.ts";
import { rawArchive } from "../support/raw-tar.ts";
import { temporaryFolder } from "../support/temporary.ts";
import { hostileArchives } from "./hostile-archives.ts";
import { hostileReasons } from "./hostile-reasons.ts";

const cases = Object.entries(hostileArchives).map(([name, bytes]) => ({ name, bytes }));

/** What a reader without suspicion does. */
async function naiveUntar(archive: Buffer, root: string): Promise<void> {
  for (let at = 0; archive[at] !== 0 && at < archive.byteLength;) {
    const text = (from: number, length: number): string =>
      archive.toString("latin1", at + from, at + from + length).split("\0", 1)[0] ?? "";
    const path = join(root, text(345, 155), text(0, 100));
    const size = Number.parseInt(text(124, 12), 8);
    await mkdir(dirname(path), { recursive: true });
    if (text(156, 1) === "2") await symlink(text(157, 100), path);
    else await writeFile(path, archive.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
}

describe("a hostile archive", () => {
  it("comes in at least eighty kinds", () => {
    expect(cases.length).toBeGreaterThanOrEqual(80);
  });

  it.each(cases)("is refused by the first pass, with its reason: $name", async ({ name, bytes }) => {
    await expect(validateArchive(inPieces(bytes), { size: bytes.byteLength })).rejects.toMatchObject({
      code: "archive.invalid",
      got: hostileReasons[name] ?? "a reason",
    });
  });

  it.each(cases)("leaves nothing, inside or outside, even without the first pass: $name", async ({ bytes }) => {
    const sandbox = await temporaryFolder();
    await mkdir(join(sandbox, "deep", "er"), { recursive: true });
    await expect(extractArchive(inPieces(bytes, 100), join(sandbox, "deep", "er", "out"))).rejects.toMatchObject({
      code: "archive.invalid",
    });
    expect((await readdir(sandbox, { recursive: true })).sort()).toEqual(["deep", join("deep", "er")]);
  });
});

describe("the harm that the reader prevents", () => {
  it.each(["climbs out with ..", "a file through a link"])("is done by a naive one: %s", async (name) => {
    const sandbox = await temporaryFolder();
    await naiveUntar(hostileArchives[name] ?? Buffer.alloc(0), join(sandbox, "out"));
    expect(await readdir(sandbox)).toContain("evil");
  });

  it("is not that of an honest archive", async () => {
    const sandbox = await temporaryFolder();
    const honest = rawArchive({ name: "a", content: "abc" });
    await naiveUntar(honest, join(sandbox, "naive"));
    await extractArchive(inPieces(honest), join(sandbox, "ours"));
    expect(await readFile(join(sandbox, "ours", "a"), "utf8")).toBe(
      await readFile(join(sandbox, "naive", "a"), "utf8"),
    );
  });
});

describe("limits", () => {
  it("refuses more files than 100,000 without holding them", async () => {
    async function* files(): AsyncGenerator<Uint8Array, void, undefined> {
      for (let number = 0; number <= 100_000; number += 1) {
        yield rawArchive({ name: `f${String(number).padStart(6, "0")}` }).subarray(0, 512);
        if (number % 10_000 === 0) await Promise.resolve();
      }
      yield new Uint8Array(1024);
    }
    await expect(validateArchive(files(), { size: 512 * 100_001 + 1024 })).rejects.toMatchObject({
      code: "archive.invalid",
      got: "more than 100000 files",
    });
  });

  it("refuses an archive over the cap before it reads a byte", async () => {
    let read = false;
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      read = true;
      yield await Promise.resolve(new Uint8Array(2048));
    }
    await expect(validateArchive(source(), { size: 2048, maxBytes: 2047 })).rejects.toMatchObject({
      code: "archive.too-large",
    });
    expect(read).toBe(false);
  });

  it("refuses a size that is not the archive's", async () => {
    const bytes = rawArchive({ name: "a" });
    for (const size of [bytes.byteLength + 512, bytes.byteLength - 512, 7, Number.NaN]) {
      await expect(validateArchive(inPieces(bytes), { size })).rejects.toMatchObject({ code: "archive.invalid" });
    }
  });

  it("closes the source of an archive that it refuses", async () => {
    let closed = false;
    async function* source(): AsyncGenerator<Uint8Array, void, undefined> {
      try {
        for (;;) yield await Promise.resolve(new Uint8Array(512).fill(7));
      } finally {
        closed = true;
      }
    }
    await expect(validateArchive(source(), { size: 1 << 20 })).rejects.toMatchObject({ code: "archive.invalid" });
    expect(closed).toBe(true);
  });
});
