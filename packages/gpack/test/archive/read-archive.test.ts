import { isGgenError } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { packFiles, validateArchive } from "../../src/index.ts";
import { collect, inPieces } from "../support/bytes.ts";
import { readArchive, type ReadArchiveOptions } from "../../src/archive/read-archive.ts";

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  return Buffer.from(await collect(packFiles(files, { maxBytes: 1 << 22 }).read()));
}

/** The code and what was got, of the refusal; undefined when there is none. */
async function refusal(bytes: Uint8Array, options: ReadArchiveOptions): Promise<string | undefined> {
  try {
    for await (const _ of readArchive(inPieces(bytes), options));
  } catch (error) {
    if (!isGgenError(error)) throw error;
    return `${error.code}: ${error.got}`;
  }
  return undefined;
}

describe("the size of an archive", () => {
  it("may be said, bounded, both or neither", async () => {
    const archive = await archiveOf({ a: "hello" });
    for (const size of [archive.byteLength, undefined]) {
      for (const maxBytes of [archive.byteLength, archive.byteLength + 1, undefined]) {
        const options = { ...(size === undefined ? {} : { size }), ...(maxBytes === undefined ? {} : { maxBytes }) };
        expect(await refusal(archive, options)).toBeUndefined();
      }
    }
  });

  it("is at least that of the trailer, with no file before it", async () => {
    expect(await refusal(Buffer.alloc(1024), { size: 1024, maxBytes: 1024 })).toBeUndefined();
  });

  it.each([0, 512, 1023, 1025, 1536.5, -1024, Number.NaN, Infinity, 2 ** 53])("is never %d", async (size) => {
    expect(await refusal(Buffer.alloc(1024), { size })).toBe(`archive.invalid: a size of ${size} bytes`);
  });

  it("over the bound is refused before anything is read, by what is said or by what comes", async () => {
    const archive = await archiveOf({ a: "hello" });
    const maxBytes = archive.byteLength - 1;
    expect(await refusal(archive, { size: archive.byteLength, maxBytes })).toBe(
      `archive.too-large: ${archive.byteLength} bytes`,
    );
    expect(await refusal(archive, { maxBytes })).toBe("archive.too-large: at least 0 bytes, counted to a");
    expect(await refusal(Buffer.alloc(0), { size: 2048, maxBytes: 2047 })).toBe("archive.too-large: 2048 bytes");
  });

  it("is the end: a file that reaches over it is refused at its header, whatever the bound", async () => {
    const archive = await archiveOf({ a: "x".repeat(600) });
    const size = archive.byteLength - 512;
    for (const options of [{ size }, { size, maxBytes: 1 << 20 }]) {
      expect(await refusal(archive, options)).toBe("archive.invalid: a file that reaches over the end");
    }
  });

  it("is what comes: neither less nor more", async () => {
    const archive = await archiveOf({ a: "hello" });
    const size = archive.byteLength;
    const cut = (bytes: number): Promise<string | undefined> => refusal(archive.subarray(0, bytes), {});
    expect(await cut(0)).toBe("archive.invalid: an end before the trailer");
    expect(await cut(511)).toBe("archive.invalid: an end before the trailer");
    expect(await cut(514)).toBe("archive.invalid: an end inside a file");
    expect(await cut(517)).toBe("archive.invalid: an end inside padding");
    expect(await cut(1000)).toBe("archive.invalid: an end inside padding");
    expect(await cut(size - 1)).toBe("archive.invalid: an end before the trailer");
    expect(await refusal(Buffer.concat([archive, Buffer.of(0)]), {})).toBe("archive.invalid: bytes after the end");
    expect(await refusal(archive, { size: size + 512 })).toBe(
      `archive.invalid: an end at byte ${size} of ${size + 512}`,
    );
  });
});

describe("what an archive says of a file", () => {
  it.each([
    ["", false],
    ["#", false],
    ["#!", true],
    ["#!/bin/sh\n", true],
    ["x!", false],
    ["#x!", false],
    ["!#", false],
    [" #!", false],
  ])("is executable exactly when it begins with #!: %j", async (content, executable) => {
    const archive = await archiveOf({ a: content });
    // One byte a piece: the two that decide come one after the other.
    const files = await validateArchive(inPieces(archive, 1), { size: archive.byteLength });
    expect(files).toEqual([{ path: "a", size: content.length, executable }]);
    const other = Buffer.from(archive);
    other.write(executable ? "0000644" : "0000755", 100, "latin1");
    other.fill(0x20, 148, 156);
    const sum = other.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    other.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
    expect(await refusal(other, {})).toMatch(/^archive\.invalid: /);
  });

  it("is followed by its bytes and its end, in this order, until it is cancelled", async () => {
    const archive = await archiveOf({ a: "", b: "x".repeat(2000) });
    const cancel = new AbortController();
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of readArchive(inPieces(archive, 700), { signal: cancel.signal })) {
        seen.push(event.kind);
        if (event.kind === "data") cancel.abort();
      }
    };
    await expect(read()).rejects.toMatchObject({ code: "aborted" });
    expect(seen).toEqual(["file", "end-of-file", "file", "data"]);
    const empty = await archiveOf({ a: "" });
    expect(await refusal(empty, { signal: AbortSignal.abort() })).toMatch(/^aborted: /);
    let last = "";
    for await (const { kind } of readArchive(inPieces(archive, 700), {})) last = kind;
    expect(last).toBe("end-of-file");
  });
});
