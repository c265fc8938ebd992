import { createNode, encode as encodePb } from "@ipld/dag-pb";
import { MemoryBlockstore } from "blockstore-core";
import * as fc from "fast-check";
import { UnixFS } from "ipfs-unixfs";
import { importFile } from "ipfs-unixfs-importer";
import { fixedSize } from "ipfs-unixfs-importer/chunker";
import { CID } from "multiformats/cid";
import { create as createDigest } from "multiformats/hashes/digest";
import { describe, expect, it } from "vitest";

import {
  blockCid,
  buildFileDag,
  childSizes,
  chunkCount,
  chunkSize,
  cidOfDigest,
  claimedNodeSize,
  type DagEntry,
  dagPbCodec,
  decodeNode,
  type FileDag,
  isContentCid,
  isGgenError,
  leafEntry,
  maxLinks,
  maxNodeBytes,
  rawCodec,
} from "../../src/index.ts";
import { refusalOf, thrownBy } from "../errors-of.ts";
import { docsText, vectorText } from "../vectors.ts";

/** The bytes 0, 1, … 250, 0, 1, …: no chunk is like the next. */
function pattern(size: number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, index) => index % 251);
}

function dagOf(content: Uint8Array, leafBytes: number): FileDag {
  const leaves: DagEntry[] = [];
  for (let at = 0; at < content.byteLength; at += leafBytes)
    leaves.push(leafEntry(content.subarray(at, at + leafBytes)));
  return buildFileDag(leaves);
}

/** What IPFS's own importer makes of some content: the root and every block. */
async function importedBy(
  content: Uint8Array,
  leafBytes: number,
): Promise<{ root: CID; blocks: Map<string, Uint8Array> }> {
  const store = new MemoryBlockstore();
  const options = leafBytes === chunkSize ? {} : { chunker: fixedSize({ chunkSize: leafBytes }) };
  const { cid } = await importFile({ content }, store, { profile: "unixfs-v1-2025", ...options });
  const blocks = new Map<string, Uint8Array>();
  for await (const { cid: key, bytes } of store.getAll()) {
    const parts: Uint8Array[] = [];
    for await (const part of bytes) parts.push(part);
    blocks.set(Buffer.from(key.multihash.digest).toString("hex"), Buffer.concat(parts));
  }
  return { root: cid, blocks };
}

const sizes = [1, chunkSize - 1, chunkSize, chunkSize + 1, 3 * chunkSize + 5];

describe("buildFileDag", () => {
  it.each([
    ...sizes.map((size): [number, number] => [size, chunkSize]),
    // More leaves than one node has links, by smaller leaves.
    [1024, 1],
    [1025, 1],
    [2049, 1],
    [3000, 2],
  ])("makes of %d bytes in chunks of %d the blocks that IPFS makes", async (size, leafBytes) => {
    const content = pattern(size);
    const dag = dagOf(content, leafBytes);
    const imported = await importedBy(content, leafBytes);
    expect(dag.root.cid.toString()).toBe(imported.root.toString());
    expect(dag.root.size).toBe(size);
    for (const node of dag.nodes) {
      const digest = Buffer.from(node.cid.multihash.digest).toString("hex");
      expect(Buffer.compare(imported.blocks.get(digest) ?? new Uint8Array(), node.block)).toBe(0);
    }
  });

  it("gives the roots of docs/vectors/content.json (UPDATE_DOCS=1 writes it)", () => {
    const vectors = sizes.map((size) => {
      const { root, nodes } = dagOf(pattern(size), chunkSize);
      const blocks = nodes.map(({ block }) => Buffer.from(block).toString("hex"));
      return { size, chunks: chunkCount(size), cid: root.cid.toString(), nodes: blocks };
    });
    const about = "Content addressing: the content is the bytes 0, 1, … 250, 0, 1, … up to its size.";
    const expected = vectorText({ about, vectors });
    expect(docsText("vectors/content.json", expected)).toBe(expected);
  });

  it("needs a leaf", () => {
    expect(() => buildFileDag([])).toThrow(RangeError);
  });
});

/** Leaves of full chunks that nobody has: only their names matter here. */
function namedLeaves(count: number, last: number): DagEntry[] {
  return Array.from({ length: count }, (_, index) => {
    const size = index === count - 1 ? last : chunkSize;
    const digest = new Uint8Array(32);
    new DataView(digest.buffer).setUint32(0, index);
    return { cid: cidOfDigest(rawCodec, digest), size, totalSize: size };
  });
}

describe("decodeNode", () => {
  it("finds every leaf again, whatever the size of the content", () => {
    const counts = fc.oneof(fc.integer({ min: 2, max: 40 }), fc.constantFrom(1024, 1025, 1026, 2048, 2049, 2500));
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: chunkSize }), (count, last) => {
        const leaves = namedLeaves(count, last);
        const { root, nodes } = buildFileDag(leaves);
        const blocks = new Map(nodes.map((node) => [node.cid.toString(), node.block]));
        const found: string[] = [];
        const visit = (cid: CID, size: number): void => {
          const block = blocks.get(cid.toString());
          if (block === undefined) found.push(`${cid.toString()} ${size}`);
          else {
            expect(block.byteLength).toBeLessThanOrEqual(maxNodeBytes);
            expect(claimedNodeSize(block)).toBe(size);
            for (const child of decodeNode(block, size)) visit(child.cid, child.size);
          }
        };
        visit(root.cid, root.size);
        expect(found).toEqual(leaves.map(({ cid, size }) => `${cid.toString()} ${size}`));
        expect(found).toHaveLength(chunkCount(root.size));
      }),
      { numRuns: 12 },
    );
  });

  const two = namedLeaves(2, 5);
  const [first, second] = two.map(({ cid }) => cid) as [CID, CID];
  const file = (blockSizes: readonly number[], links: readonly CID[], data?: Uint8Array): Uint8Array => {
    const entry = new UnixFS({
      type: "file",
      blockSizes: blockSizes.map(BigInt),
      ...(data === undefined ? {} : { data }),
    });
    return encodePb(
      createNode(
        entry.marshal(),
        links.map((cid) => ({ Name: "", Tsize: 1, Hash: cid })),
      ),
    );
  };
  const good = file([chunkSize, 5], [first, second]);
  const sha512 = CID.parse(
    "bafkrgqg5v55igq5pmx4lmeu2hcfvjqlrlccr4yqgrdnsnbnw7unwvqgugmuw2olp4kdr3x5uhc3wmcxlykvcjqqrtbd2r3rrkhzcmnkv6n6qy",
  );
  const hostile: readonly (readonly [string, Uint8Array, number])[] = [
    ["no content at all", encodePb(createNode(Uint8Array.of(8, 2, 0x18, 0), [])), 0],
    ["no protobuf", Uint8Array.of(0xff, 0xff), chunkSize + 5],
    ["nothing", new Uint8Array(), chunkSize + 5],
    ["no UnixFS inside", encodePb(createNode(Uint8Array.of(0xff), [])), chunkSize + 5],
    ["a directory", encodePb(createNode(new UnixFS({ type: "directory" }).marshal(), [])), chunkSize + 5],
    ["another size than was signed", good, chunkSize + 6],
    ["a child less", file([chunkSize], [first]), chunkSize + 5],
    ["a child more", file([chunkSize, 5, 5], [first, second, second]), chunkSize + 10],
    ["children in another order", file([5, chunkSize], [second, first]), chunkSize + 5],
    ["sizes that do not fit the links", file([chunkSize, 5], [first]), chunkSize + 5],
    ["sizes that only add up", file([chunkSize - 1, 6], [first, second]), chunkSize + 5],
    ["data of its own", file([chunkSize, 5], [first, second], Uint8Array.of(1)), chunkSize + 5],
    [
      "an inner node in place of a leaf",
      file([chunkSize, 5], [CID.createV1(dagPbCodec, first.multihash), second]),
      chunkSize + 5,
    ],
    ["a leaf named by another hash", file([chunkSize, 5], [sha512, second]), chunkSize + 5],
    [
      "a leaf named by a CID of version 0",
      file([chunkSize, 5], [CID.createV0(createDigest(0x12, first.multihash.digest)), second]),
      chunkSize + 5,
    ],
    ["more than the largest node", new Uint8Array(maxNodeBytes + 1), chunkSize + 5],
    [
      "more children than a node has links",
      file(
        Array.from({ length: maxLinks + 1 }, () => chunkSize),
        Array.from({ length: maxLinks + 1 }, () => first),
      ),
      (maxLinks + 1) * chunkSize,
    ],
  ];
  it("takes the node that the hostile ones are made of", () => {
    expect(decodeNode(good, chunkSize + 5).map(({ size }) => size)).toEqual([chunkSize, 5]);
  });

  it.each(hostile)("refuses a node with %s", (_, block, size) => {
    expect(refusalOf(() => decodeNode(block, size), "content.mismatch").expected).toBeDefined();
  });

  it("throws nothing but content.mismatch for arbitrary and changed bytes", () => {
    const changed = fc.tuple(fc.nat({ max: good.byteLength - 1 }), fc.nat({ max: 255 })).map(([at, value]) => {
      const copy = good.slice();
      copy[at] = value;
      return copy;
    });
    fc.assert(
      fc.property(
        fc.oneof(changed, fc.uint8Array({ maxLength: 200 })),
        fc.integer({ min: 1, max: 2 ** 40 }),
        (block, size) => {
          const error = thrownBy(() => decodeNode(block, size));
          expect(error === undefined || isGgenError(error, "content.mismatch")).toBe(true);
          expect(thrownBy(() => claimedNodeSize(block))).toBeUndefined();
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("sizes", () => {
  it("adds up, with every child but the last of one size and at most 1024 of them", () => {
    fc.assert(
      fc.property(fc.integer({ min: chunkSize + 1, max: 2 ** 44 }), (size) => {
        const children = childSizes(size);
        expect(children.reduce((sum, child) => sum + child, 0)).toBe(size);
        expect(children.length).toBeLessThanOrEqual(maxLinks);
        expect(children.length).toBeGreaterThan(1);
        expect(new Set(children.slice(0, -1)).size).toBe(1);
      }),
      { numRuns: 50 },
    );
  });

  it("counts at least one chunk", () => {
    expect([0, 1, chunkSize, chunkSize + 1].map(chunkCount)).toEqual([1, 1, 1, 2]);
  });

  it("knows the CIDs that content may have", () => {
    expect(isContentCid(blockCid(rawCodec, pattern(3)))).toBe(true);
    expect(isContentCid(CID.parse("QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"))).toBe(false);
    expect(isContentCid(CID.parse("bafyreigh2akiscaildcqabsyg3dfr6chu3fgpregiymsck7e7aqa4s52zy"))).toBe(false);
  });
});
