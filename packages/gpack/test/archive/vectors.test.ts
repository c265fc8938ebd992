import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { blockCid, rawCodec } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { packFiles, validateArchive } from "../../src/index.ts";
import { checksumOf, collect, inPieces } from "../support/bytes.ts";

interface Vectors {
  readonly accepted: readonly {
    readonly name: string;
    readonly files: Readonly<Record<string, string>>;
    readonly size: number;
    readonly sha256: string;
    readonly cid: string;
    readonly archive?: string;
  }[];
  readonly refused: readonly { readonly name: string; readonly reason: string; readonly archive: string }[];
}

const path = join(import.meta.dirname, "../../../../docs/vectors/archive.json");
const vectors = JSON.parse(await readFile(path, "utf8")) as Vectors;

/** Blocks as hexadecimal, zeros at the end of each block left out, blocks parted by `|`. */
function fromBlocks(text: string): Buffer {
  return Buffer.concat(text.split("|").map((block) => Buffer.concat([Buffer.from(block, "hex")], 512)));
}

describe("the published byte vectors", () => {
  it.each(vectors.accepted)("accepted: $name", async ({ files, size, sha256, cid, archive }) => {
    const decoded = Object.fromEntries(Object.entries(files).map(([name, hex]) => [name, Buffer.from(hex, "hex")]));
    const bytes = await collect(packFiles(decoded, { maxBytes: 1 << 20 }).read());
    expect({ size: bytes.byteLength, checksum: checksumOf(bytes) }).toEqual({ size, checksum: `sha256:${sha256}` });
    expect(blockCid(rawCodec, bytes).toString()).toBe(cid);
    if (archive !== undefined) expect(Buffer.compare(fromBlocks(archive), bytes)).toBe(0);
  });

  it.each(vectors.refused)("refused: $name", async ({ archive, reason }) => {
    const bytes = fromBlocks(archive);
    const attempt = validateArchive(inPieces(bytes), { size: bytes.byteLength });
    await expect(attempt).rejects.toMatchObject({ code: "archive.invalid", got: reason });
  });
});
