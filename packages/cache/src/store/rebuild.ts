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
import { childParts, rootPart } from "./parts.ts";
import { readUnlisted } from "./recovery.ts";

/** The pin of contents that were found again: their own pins are lost, and nothing that was promised may be evicted. */
export const recoveredPin = "recovered";

/** Stands for the sha256 of an incomplete content that nobody has named yet. */
const unknownSha256 = "0".repeat(64);

interface FoundBlocks {
  /** Bytes of every sound chunk file. */
  readonly bytes: Map<string, number>;
  /** Nodes, with the content bytes below them and their children. */
  readonly nodes: Map<string, { readonly size: number; readonly children: readonly string[] }>;
}

async function findBlocks(files: ChunkFiles): Promise<FoundBlocks> {
  const found: FoundBlocks = { bytes: new Map(), nodes: new Map() };
  for await (const digest of files.list()) {
    const block = await readUnlisted(files, digest);
    if (block === undefined) continue;
    found.bytes.set(digest, block.byteLength);
    const size = claimedNodeSize(block);
    if (size === undefined || size === 0) continue;
    try {
      const part = rootPart({ digest, kind: "node" }, size);
      found.nodes.set(digest, { size, children: childParts(part, block).map((child) => child.digest) });
    } catch {
      // Not a node of ours: then it is a leaf.
    }
  }
  return found;
}

/** The tree below a root, as far as its nodes were found. */
async function treeOf(root: PartRow, found: FoundBlocks, files: ChunkFiles): Promise<PartRow[]> {
  const parts = [root];
  // The list grows while it is walked.
  for (const part of parts) {
    const bytes = part.node && found.nodes.has(part.digest) ? found.bytes.get(part.digest) : undefined;
    if (bytes === undefined) continue;
    const block = await files.read(files.path(part.digest), part.digest, bytes);
    if (block instanceof Uint8Array) parts.push(...childParts(part, block));
  }
  return parts;
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
 */
export async function rebuild(rows: StoreRows, files: ChunkFiles, logger: Logger): Promise<void> {
  const found = await findBlocks(files);
  const named = new Set([...found.nodes.values()].flatMap(({ children }) => children));
  const contents: { address: ContentAddress; parts: readonly PartRow[]; complete: boolean }[] = [];
  for (const [digest, bytes] of found.bytes) {
    if (named.has(digest)) continue;
    const node = found.nodes.get(digest);
    const isRoot = node !== undefined && node.size > chunkSize;
    const size = isRoot ? node.size : bytes;
    const parts = await treeOf(rootPart({ digest, kind: isRoot ? "node" : "leaf" }, size), found, files);
    const hasAllNodes = parts.every((part) => !part.node || found.nodes.has(part.digest));
    const sha256 = hasAllNodes ? await sha256Of(leavesOf(parts), files) : undefined;
    const cid = cidOfDigest(isRoot ? dagPbCodec : rawCodec, fromHex(digest)).toString();
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

function leavesOf(parts: readonly PartRow[]): PartRow[] {
  return parts.filter(({ node }) => !node).sort((a, b) => a.start - b.start);
}
