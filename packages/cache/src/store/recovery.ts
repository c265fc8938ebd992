import { chunkSize, type Logger } from "@ggen/p2p-types";

import type { StoreRows } from "../database/rows.ts";
import type { ChunkFiles } from "../files/chunk-files.ts";

const pageBlocks = 1024;

/** The bytes of a chunk file that is what its name says; any other is moved out of the way. */
export async function readUnlisted(files: ChunkFiles, digest: string): Promise<Uint8Array | undefined> {
  const size = (await files.size(digest)) ?? Number.POSITIVE_INFINITY;
  const found = size > chunkSize ? "damaged" : await files.read(files.path(digest), digest, size);
  if (found !== "damaged") return found;
  await files.quarantine(files.path(digest), digest);
  return undefined;
}

/**
 * Brings rows and files in line after a crash: rows without a file are lost blocks, files without a row are hashed before
 * they count, and blocks that nothing needs go.
 */
export async function sweep(rows: StoreRows, files: ChunkFiles, logger: Logger): Promise<void> {
  const unlisted = new Set<string>();
  for await (const digest of files.list()) unlisted.add(digest);
  const lost: string[] = [];
  const unneeded: string[] = [];
  for (let after = ""; ;) {
    const page = rows.blocksAfter(after, pageBlocks);
    for (const { digest } of page) {
      if (!unlisted.delete(digest)) lost.push(digest);
      else if (!rows.isReferenced(digest)) unneeded.push(digest);
      after = digest;
    }
    if (page.length < pageBlocks) break;
  }
  const found: { digest: string; bytes: number }[] = [];
  for (const digest of unlisted) {
    const bytes = rows.isReferenced(digest) ? await readUnlisted(files, digest) : undefined;
    if (bytes === undefined) unneeded.push(digest);
    else found.push({ digest, bytes: bytes.byteLength });
  }
  if ([lost, unneeded, found].every(({ length }) => length === 0)) return;
  rows.transaction(() => {
    for (const digest of lost) rows.loseBlock(digest);
    for (const digest of unneeded) rows.deleteBlock(digest);
    for (const { digest, bytes } of found) rows.insertBlock(digest, bytes);
  });
  for (const digest of unneeded) await files.discard(files.path(digest));
  logger.log(lost.length > 0 ? "warn" : "info", "The content store was brought in order", {
    lost: lost.length,
    adopted: found.length,
    removed: unneeded.length,
  });
}
