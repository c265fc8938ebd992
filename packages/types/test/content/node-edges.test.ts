import { createNode, encode as encodePb } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";
import { describe, expect, it } from "vitest";

import {
  childSizes,
  chunkSize,
  cidOfDigest,
  claimedNodeSize,
  dagPbCodec,
  decodeNode,
  maxLinks,
  maxNodeBytes,
  rawCodec,
} from "../../src/index.ts";
import { encodeFileData } from "../../src/content/file-data.ts";
import { refusalOf } from "../errors-of.ts";

const below = (codec: typeof rawCodec | typeof dagPbCodec, count: number): CID[] =>
  Array.from({ length: count }, (_, at) => cidOfDigest(codec, new Uint8Array(32).fill(at)));

/** A file node over so many bytes, whose first link has a name: nothing asks for one, and it makes a node long. */
function nodeOver(size: number, links: readonly CID[], name = ""): Uint8Array {
  const named = links.map((Hash, at) => ({ Name: at === 0 ? name : "", Tsize: 1, Hash }));
  return encodePb(createNode(encodeFileData(childSizes(size)), named));
}

describe("a node of a content tree", () => {
  it("is read up to its largest size, and not one byte further", () => {
    const size = chunkSize + 5;
    const links = below(rawCodec, 2);
    const named = (length: number): Uint8Array => nodeOver(size, links, "n".repeat(length));
    const room = maxNodeBytes - named(maxNodeBytes / 2).byteLength;
    const [largest, larger] = [named(maxNodeBytes / 2 + room), named(maxNodeBytes / 2 + room + 1)];
    expect([largest.byteLength, larger.byteLength]).toEqual([maxNodeBytes, maxNodeBytes + 1]);
    expect(decodeNode(largest, size).map((child) => child.size)).toEqual([chunkSize, 5]);
    expect(claimedNodeSize(largest)).toBe(size);
    expect(refusalOf(() => decodeNode(larger, size), "content.mismatch").expected).toBe(
      `at most ${maxNodeBytes} bytes`,
    );
    expect(claimedNodeSize(larger)).toBeUndefined();
  });

  it("has leaves as long as these are chunks, and nodes above them, never the other", () => {
    const widest = maxLinks * chunkSize;
    const leaves = decodeNode(nodeOver(widest, below(rawCodec, maxLinks)), widest);
    expect(leaves.map(({ size }) => size)).toEqual(Array<number>(maxLinks).fill(chunkSize));
    const nodes = decodeNode(nodeOver(widest + 1, below(dagPbCodec, 2)), widest + 1);
    expect(nodes.map(({ size }) => size)).toEqual([widest, 1]);
    refusalOf(() => decodeNode(nodeOver(widest + 1, below(rawCodec, 2)), widest + 1), "content.mismatch");
    refusalOf(() => decodeNode(nodeOver(widest, below(dagPbCodec, maxLinks)), widest), "content.mismatch");
  });
});
