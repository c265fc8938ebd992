import { isGgenError } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { readArchive } from "../../src/archive/read-archive.ts";
import { packFiles, validateArchive } from "../../src/index.ts";
import { collect, inPieces } from "../support/bytes.ts";

const maxBytes = 1 << 24;

const name = fc.stringMatching(/^[a-z]{1,6}(\.[a-z]{1,3})?$/).filter((text) => !/^(con|prn|aux|nul)(\.|$)/.test(text));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const content = fc.oneof(fc.uint8Array({ maxLength: 1500 }), fc.constant(Buffer.from("#!/bin/sh\n")));
const files = fc.dictionary(path, content, { maxKeys: 6 }).filter((tree) => {
  const paths = Object.keys(tree);
  return !paths.some((one) => paths.some((other) => other.startsWith(`${one}/`)));
});

async function filesIn(bytes: Uint8Array): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  let pieces: Uint8Array[] = [];
  for await (const event of readArchive(inPieces(bytes, 333), { size: bytes.byteLength })) {
    if (event.kind === "data") pieces.push(event.bytes);
    if (event.kind === "end-of-file") {
      found[event.file.path] = Buffer.concat(pieces);
      pieces = [];
    }
  }
  return found;
}

/** Accepts with exactly these bytes, or refuses with an error of ours. */
async function outcome(bytes: Uint8Array): Promise<"canonical" | "refused" | "wrong"> {
  try {
    const again = await collect(packFiles(await filesIn(bytes), { maxBytes }).read());
    return Buffer.compare(again, bytes) === 0 ? "canonical" : "wrong";
  } catch (error) {
    return isGgenError(error, "archive.invalid") ? "refused" : "wrong";
  }
}

describe("archives of any kind", () => {
  it("are read again as they were packed, whatever the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(files, fc.integer({ min: 1, max: 3000 }), async (tree, pieceSize) => {
        const archive = packFiles(tree, { maxBytes });
        const bytes = await collect(archive.read());
        expect(bytes.byteLength).toBe(archive.size);
        expect(await validateArchive(inPieces(bytes, pieceSize), { size: archive.size })).toEqual(archive.files);
        expect(Object.keys(await filesIn(bytes)).sort()).toEqual(Object.keys(tree).sort());
      }),
      { numRuns: 60 },
    );
  });

  it("are refused or canonical: arbitrary bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), async (bytes) => {
        expect(await outcome(bytes)).not.toBe("wrong");
      }),
      { numRuns: 200 },
    );
  });

  it("are refused or canonical: one byte changed anywhere", async () => {
    const change = fc.tuple(files, fc.nat(), fc.integer({ min: 1, max: 255 }));
    await fc.assert(
      fc.asyncProperty(change, async ([tree, at, by]) => {
        const bytes = await collect(packFiles(tree, { maxBytes }).read());
        const place = at % bytes.byteLength;
        bytes[place] = ((bytes[place] ?? 0) + by) % 256;
        expect(await outcome(bytes)).not.toBe("wrong");
      }),
      { numRuns: 300 },
    );
  });

  it("are refused or canonical: blocks taken out, doubled or swapped", async () => {
    const change = fc.tuple(files, fc.constantFrom("drop", "double", "swap"), fc.nat(), fc.nat());
    await fc.assert(
      fc.asyncProperty(change, async ([tree, kind, one, two]) => {
        const bytes = Buffer.from(await collect(packFiles(tree, { maxBytes }).read()));
        const blocks = Array.from({ length: bytes.byteLength / 512 }, (_, at) =>
          bytes.subarray(at * 512, at * 512 + 512),
        );
        const [a, b] = [one % blocks.length, two % blocks.length];
        const [first, second] = [blocks[a] ?? Buffer.alloc(0), blocks[b] ?? Buffer.alloc(0)];
        if (kind === "drop") blocks.splice(a, 1);
        else if (kind === "double") blocks.splice(b, 0, first);
        else [blocks[a], blocks[b]] = [second, first];
        expect(await outcome(Buffer.concat(blocks))).not.toBe("wrong");
      }),
      { numRuns: 300 },
    );
  });
});
