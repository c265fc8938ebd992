import { createNode, decode as decodePb, encode as encodePb } from "@ipld/dag-pb";
import type { CID } from "multiformats/cid";

import { equalBytes } from "../crypto/hash.ts";
import { GgenError } from "../errors.ts";
import { blockCid, dagPbCodec, isContentCid, rawCodec } from "./cid.ts";
import { encodeFileData, readFileSize } from "./file-data.ts";

/** Bytes of every chunk but the last. */
export const chunkSize: number = 1024 * 1024;
/** Most links of one node. */
export const maxLinks = 1024;
/** Largest encoded node in bytes: 1024 links with their sizes stay well below. */
export const maxNodeBytes: number = 128 * 1024;

/** A subtree: its CID, the content bytes below it, and what IPFS calls its cumulative size. */
export interface DagEntry {
  readonly cid: CID;
  /** Content bytes. */
  readonly size: number;
  /** Encoded bytes of all blocks below and including this one (Tsize). */
  readonly totalSize: number;
}

/** A UnixFS node with its encoded block. */
export interface DagNode extends DagEntry {
  readonly block: Uint8Array;
}

/** A file's tree: the root, and every inner node with its block, leaves left out. */
export interface FileDag {
  readonly root: DagEntry;
  /** Bottom up, the root last; empty when the root is a bare leaf. */
  readonly nodes: readonly DagNode[];
}

/** The entry of a leaf: one chunk of content, addressed as a raw block. */
export function leafEntry(chunk: Uint8Array): DagEntry {
  return { cid: blockCid(rawCodec, chunk), size: chunk.byteLength, totalSize: chunk.byteLength };
}

/**
 * Builds the tree over a file's leaves as UnixFS profile unixfs-v1-2025 does: balanced, 1024 links a node, raw leaves,
 * CIDv1. A single leaf is its own root.
 * @param leaves - in order, at least one; all but the last of {@link chunkSize}
 * @see https://specs.ipfs.tech/unixfs/ (profile unixfs-v1-2025)
 */
export function buildFileDag(leaves: readonly DagEntry[]): FileDag {
  const nodes: DagNode[] = [];
  let level: readonly DagEntry[] = leaves;
  while (level.length > 1) {
    const next: DagNode[] = [];
    for (let at = 0; at < level.length; at += maxLinks) next.push(encodeNode(level.slice(at, at + maxLinks)));
    nodes.push(...next);
    level = next;
  }
  const [root] = level;
  if (root === undefined) throw new RangeError("a file has at least one leaf");
  return { root, nodes };
}

function encodeNode(children: readonly DagEntry[]): DagNode {
  const data = encodeFileData(children.map(({ size }) => size));
  const links = children.map(({ cid, totalSize }) => ({ Name: "", Tsize: totalSize, Hash: cid }));
  const block = encodePb(createNode(data, links));
  return {
    cid: blockCid(dagPbCodec, block),
    block,
    size: children.reduce((sum, child) => sum + child.size, 0),
    totalSize: block.byteLength + children.reduce((sum, child) => sum + child.totalSize, 0),
  };
}

/** A child named by a node: not yet seen, only promised. */
export interface NodeLink {
  readonly cid: CID;
  /** Content bytes below it. */
  readonly size: number;
}

/**
 * The children of an inner node. The caller has checked the block against its CID; this checks its shape: a file node
 * with 1-1024 links whose sizes are those of a balanced tree over {@link chunkSize} chunks.
 * @param block - at most {@link maxNodeBytes}
 * @param size - content bytes that this node must hold
 * @throws GgenError `content.mismatch`
 */
export function decodeNode(block: Uint8Array, size: number): readonly NodeLink[] {
  const refuse = (expected: string, cause?: unknown): GgenError =>
    new GgenError("content.mismatch", "A node of a content tree is not valid", { expected, cause });
  if (block.byteLength > maxNodeBytes) throw refuse(`at most ${maxNodeBytes} bytes`);
  if (!(size > 0)) throw refuse("content");
  const sizes = childSizes(size);
  let children: NodeLink[];
  try {
    const node = decodePb(block);
    // What the message has to be follows from the size alone, so it is compared and never parsed.
    if (!equalBytes(node.Data ?? new Uint8Array(), encodeFileData(sizes))) throw new RangeError("not this file node");
    if (node.Links.length !== sizes.length) throw new RangeError(`${node.Links.length} links`);
    children = node.Links.map((link, index) => ({ cid: link.Hash, size: sizes[index] ?? 0 }));
  } catch (cause) {
    throw refuse(`a UnixFS file node with the ${sizes.length} children of a balanced tree over ${size} bytes`, cause);
  }
  const codec = (sizes[0] ?? 0) <= chunkSize ? rawCodec : dagPbCodec;
  if (children.some(({ cid }) => !isContentCid(cid) || cid.code !== codec)) {
    throw refuse(codec === rawCodec ? "raw leaves as children" : "nodes as children");
  }
  return children;
}

/**
 * Content bytes that a UnixFS file node says are below it; undefined when the block is no such node. Only a claim, for
 * when the size is not known from elsewhere: {@link decodeNode} checks the shape.
 * @param block - at most {@link maxNodeBytes}; a longer one is no node
 */
export function claimedNodeSize(block: Uint8Array): number | undefined {
  if (block.byteLength > maxNodeBytes) return undefined;
  try {
    return readFileSize(decodePb(block).Data ?? new Uint8Array());
  } catch {
    return undefined;
  }
}

/**
 * Sizes of the children of a balanced node over `size` content bytes.
 * @param size - more than {@link chunkSize}
 */
export function childSizes(size: number): number[] {
  let span = chunkSize;
  while (span * maxLinks < size) span *= maxLinks;
  const sizes: number[] = [];
  for (let rest = size; rest > 0; rest -= span) sizes.push(Math.min(span, rest));
  return sizes;
}

/** How many chunks a content of `size` bytes has (at least one). */
export function chunkCount(size: number): number {
  return Math.max(1, Math.ceil(size / chunkSize));
}
