import { createHash } from "node:crypto";

import {
  chunkSize,
  cidOfDigest,
  claimedNodeSize,
  type ContentAddress,
  dagPbCodec,
  fromHex,
  type Logger,
  rawCodec,
} from "@ggen/p2p-types";

import type { PartRow, StoreRows } from "../database/rows.ts";
import type { ChunkFiles } from "../files/chunk-files.ts";
import { childParts } from "./parts.ts";
import { readUnlisted } from "./recovery.ts";

/** The pin of contents that were found again: their own pins are lost, and nothing that was promised may be evicted. */
export const recoveredPin = "recovered";

/** Stands for the sha256 of an incomplete content that nobody has named yet. */
const unknownSha256 = "0".repeat(64);

interface FoundBlocks {
  /** Bytes of every sound chunk file. */
  readonly bytes: Map<string, number>;
  /** Nodes, with the content bytes below them and their children, as if each was a root. */
  readonly nodes: Map<string, { readonly size: number; readonly children: readonly PartRow[] }>;
}

/** @param maxBytes - what claims to hold more is no node: nobody could ask for it, and its parts might fill the memory */
async function findBlocks(files: ChunkFiles, maxBytes: number): Promise<FoundBlocks> {
  const found: FoundBlocks = { bytes: new Map(), nodes: new Map() };
  for await (const digest of files.list()) {
    const block = await readUnlisted(files, digest);
    if (block === undefined) continue;
    found.bytes.set(digest, block.byteLength);
    const size = claimedNodeSize(block) ?? 0;
    if (size <= chunkSize || size > maxBytes) continue;
    try {
      found.nodes.set(digest, { size, children: childParts({ level: 0, start: 0, size }, block) });
    } catch {
      // Not a node of ours: then it is a leaf.
    }
  }
  return found;
}

/** The tree below a root, in order, as far as its nodes were found. */
function treeOf(
  root: PartRow,
  { nodes }: FoundBlocks,
): { readonly parts: readonly PartRow[]; readonly isWhole: boolean } {
  const parts = [root];
  let isWhole = true;
  // The list grows while it is walked.
  for (const part of parts) {
    if (!part.node) continue;
    const node = nodes.get(part.digest);
    // What was said of a node need not be so: with another size it has its place in other trees only.
    if (node?.size !== part.size) {
      isWhole = false;
      continue;
    }
    const { level, start } = part;
    for (const child of node.children) parts.push({ ...child, level: level + 1, start: start + child.start });
  }
  return { parts, isWhole };
}

/** Digests of the blocks that have a place below a node. */
function namedBlocks({ nodes, bytes }: FoundBlocks): ReadonlySet<string> {
  const named = new Set<string>();
  for (const { children } of nodes.values()) {
    for (const { digest, node, size } of children) {
      if ((node ? nodes.get(digest)?.size : bytes.get(digest)) === size) named.add(digest);
    }
  }
  return named;
}

async function sha256Of(leaves: readonly PartRow[], files: ChunkFiles): Promise<string | undefined> {
  const whole = createHash("sha256");
  for (const { digest, size } of leaves) {
    const leaf = await files.read(files.path(digest), digest, size);
    if (!(leaf instanceof Uint8Array)) return undefined;
    whole.update(leaf);
  }
  return whole.digest("hex");
}

/**
 * Fills an empty database from the chunk files: a node that no other node names is the root of a content, a leaf that no
 * node names is a content by itself. Complete contents are pinned as {@link recoveredPin}.
 * @param maxBytes - of the largest content
 */
export async function rebuild(rows: StoreRows, files: ChunkFiles, logger: Logger, maxBytes: number): Promise<void> {
  const found = await findBlocks(files, maxBytes);
  const named = namedBlocks(found);
  const contents: { address: ContentAddress; parts: readonly PartRow[]; complete: boolean }[] = [];
  for (const [digest, bytes] of found.bytes) {
    if (named.has(digest)) continue;
    const node = found.nodes.get(digest);
    const size = node?.size ?? bytes;
    const { parts, isWhole } = treeOf({ level: 0, start: 0, node: node !== undefined, size, digest }, found);
    const leaves = parts.filter((part) => !part.node);
    const sha256 = isWhole ? await sha256Of(leaves, files) : undefined;
    const cid = cidOfDigest(node === undefined ? rawCodec : dagPbCodec, fromHex(digest)).toString();
    contents.push({
      address: { cid, size, sha256: sha256 ?? unknownSha256 },
      parts,
      complete: sha256 !== undefined,
    });
  }
  rows.transaction(() => {
    for (const [digest, bytes] of found.bytes) rows.insertBlock(digest, bytes);
    for (const { address, parts, complete } of contents) {
      rows.insertContent(address, parts, 0);
      if (!complete) continue;
      rows.setComplete(address.cid, address.sha256);
      rows.addPin(address.cid, recoveredPin);
    }
    rows.setSettled();
  });
  if (found.bytes.size === 0) return;
  const complete = contents.filter((content) => content.complete).length;
  logger.log("warn", "The content store's database was rebuilt from the chunks", {
    chunks: found.bytes.size,
    complete,
    incomplete: contents.length - complete,
  });
}
