/** Archives for the fuzzer: seeds, changes in the terms of the format, and what must hold of an accepted one. */
import { readFileSync } from "node:fs";

import { equalBytes } from "@ggen/p2p-types";

import { createByteSource } from "../../src/archive/byte-source.ts";
import { blockBytes } from "../../src/archive/header.ts";
import { readArchive } from "../../src/archive/read-archive.ts";
import { packFiles } from "../../src/index.ts";

interface ArchiveVectors {
  readonly accepted: readonly { readonly archive?: string }[];
  readonly refused: readonly { readonly archive?: string }[];
}
interface Chance {
  below(below: number): number;
  oneIn(times: number): boolean;
  pick<T>(from: readonly T[]): T;
}

/** The vectors, and an archive with several files. */
export async function archives(): Promise<Uint8Array[]> {
  const path = new URL("../../../../docs/vectors/archive.json", import.meta.url);
  const { accepted, refused } = JSON.parse(readFileSync(path, "utf8")) as ArchiveVectors;
  const vectors = [...accepted, ...refused].flatMap(({ archive }) =>
    archive === undefined
      ? []
      : [Buffer.concat(archive.split("|").map((block) => Buffer.concat([Buffer.from(block, "hex")], blockBytes)))],
  );
  const files = {
    "a.txt": "x".repeat(1500),
    "bin/run": "#!/bin/sh\n",
    [`${"d".repeat(90)}/${"e".repeat(60)}/f`]: "deep",
    empty: "",
    "templates/a/b.tmpl": "y".repeat(512),
  };
  return [await bytesOf(packFiles(files, { maxBytes: 1 << 20 }).read()), ...vectors];
}

/** Corrects the checksum of everything that looks like a header. */
export function repairChecksums(input: Uint8Array, chance: Chance): Uint8Array {
  // Sizes are whole blocks, mostly.
  const length = chance.oneIn(10) ? input.byteLength : Math.ceil(input.byteLength / blockBytes) * blockBytes;
  const bytes = Buffer.alloc(length);
  bytes.set(input.subarray(0, length));
  for (let at = 0; at + blockBytes <= bytes.byteLength; at += blockBytes) {
    const header = bytes.subarray(at, at + blockBytes);
    if (header.toString("latin1", 257, 262) !== "ustar") continue;
    header.fill(0x20, 148, 156);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, 148, "latin1");
  }
  return bytes;
}

/** Where fields of a header begin, and what may be put there. */
const fields = [
  [0, ["a", "A.TXT", "../x", "/x", "a/b/c", "a//b", "con", "x.", "b\0c", "a".repeat(100), ".git/config", "é", ""]],
  [100, ["0000644\0", "0000755\0", "0000777\0", "000644 \0", "\0"]],
  [108, ["0000000\0", "0001750\0"]],
  [
    124,
    [
      "00000000000\0",
      "00000001000\0",
      "00000001001\0",
      "77777777777\0",
      "-0000000001\0",
      "\u0080\0\0\0\0\0\0\u00ff",
      "0x000000010\0",
    ],
  ],
  [136, ["00000000000\0", "14700000000\0"]],
  [156, ["0", "\0", "1", "2", "3", "5", "6", "L", "K", "x", "g", "S", "7"]],
  [157, ["target", "/etc/passwd"]],
  [257, ["ustar\u000000", "ustar  \0", "\0"]],
  [265, ["root", "\0"]],
  [329, ["0000000\0", "0000001\0"]],
  [345, ["", "d", "d/e", "..", "a".repeat(155)]],
  [500, ["\u0001"]],
] as const;

/** Changes an archive block by block, as an attacker would who knows the format. */
export function mutateArchive(input: Uint8Array, chance: Chance): Uint8Array {
  const blocks = Array.from({ length: Math.ceil(input.byteLength / blockBytes) }, (_, at) =>
    Buffer.concat([input.subarray(at * blockBytes, (at + 1) * blockBytes)], blockBytes),
  );
  const headers = blocks.filter((block) => block.toString("latin1", 257, 262) === "ustar");
  const at = chance.below(blocks.length + 1);
  const count = 1 + chance.below(4);
  switch (chance.below(8)) {
    case 0:
      blocks.splice(at, count);
      break;
    case 1:
      blocks.splice(chance.below(blocks.length + 1), 0, ...blocks.slice(at, at + count));
      break;
    case 2:
      blocks.splice(chance.below(blocks.length + 1), 0, ...blocks.splice(at, count));
      break;
    case 3:
      blocks.splice(at, 0, Buffer.alloc(blockBytes, chance.pick([0, 0, 0x78])));
      break;
    case 4:
      blocks[at]?.fill(chance.pick(["z", "#!"]), chance.below(blockBytes));
      break;
    default: {
      if (headers.length === 0) break;
      const [place, values] = chance.pick<readonly [number, readonly string[]]>(fields);
      chance.pick(headers).write(chance.pick(values), place, "latin1");
    }
  }
  return Buffer.concat(blocks);
}

/** An archive in pieces whose sizes follow from its bytes. */
async function* inPieces(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  const step = 1 + (((bytes[0] ?? 0) * 7 + bytes.byteLength) % 1500);
  for (let at = 0; at < bytes.byteLength; at += step) yield bytes.subarray(at, at + step);
}

async function readBack(bytes: Uint8Array, size: number | undefined): Promise<Record<string, Uint8Array>> {
  const files: Record<string, Uint8Array> = {};
  let content: Uint8Array[] = [];
  for await (const event of readArchive(inPieces(bytes), {
    maxBytes: 1 << 20,
    ...(size === undefined ? {} : { size }),
  })) {
    if (event.kind === "data") content.push(event.bytes);
    if (event.kind !== "end-of-file") continue;
    if (Object.hasOwn(files, event.file.path)) throw new Error("a path twice");
    files[event.file.path] = Buffer.concat(content);
    content = [];
  }
  return files;
}

async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const bytes = createByteSource(source);
  return bytes.take(1 << 22);
}

/** @throws Error when packing the files again does not give the same bytes */
export async function checkArchive(input: Uint8Array, size: number | undefined): Promise<string> {
  const files = await readBack(input, size);
  // Made by the packer, which shares no code with the reader but the header's: an archive has one spelling only.
  const packed = await bytesOf(packFiles(files, { maxBytes: 1 << 22 }).read());
  if (!equalBytes(packed, input)) throw new Error("an archive that packing its files again does not give");
  return Math.min(4, Object.keys(files).length).toString();
}
