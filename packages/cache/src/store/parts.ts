import { chunkSize, decodeNode, rawCodec, toHex } from "@ggen/p2p-types";

import type { ContentRoot } from "../address.ts";
import type { PartRow } from "../database/rows.ts";

/** The one part of a content that its CID names. */
export function rootPart(root: ContentRoot, size: number): PartRow {
  return { level: 0, start: 0, node: root.kind === "node", size, digest: root.digest };
}

/**
 * The children of a node, as parts of the same content.
 * @param block - checked against the part's digest
 * @throws GgenError `content.mismatch` when the block has not the shape that the part must have
 */
export function childParts(part: Pick<PartRow, "level" | "start" | "size">, block: Uint8Array): PartRow[] {
  let start = part.start;
  return decodeNode(block, part.size).map(({ cid, size }) => {
    const child = {
      level: part.level + 1,
      start,
      node: cid.code !== rawCodec,
      size,
      digest: toHex(cid.multihash.digest),
    };
    start += Math.ceil(size / chunkSize);
    return child;
  });
}
