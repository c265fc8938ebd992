import { type CacheVerifyReport, type CallOptions, GgenError } from "@ggen/p2p-types";

import type { StoreContext } from "./fetch-state.ts";

const pageBlocks = 256;

/** Reads every chunk and checks it; damaged ones are set aside. @throws GgenError `aborted`, `storage.failed` */
export async function verifyBlocks(context: StoreContext, options: CallOptions): Promise<CacheVerifyReport> {
  const { rows, blocks } = context;
  const { signal, onProgress } = options;
  const total = rows.blockTotals().bytes;
  const damaged: string[] = [];
  const affected = new Set<string>();
  let checkedChunks = 0;
  let checkedBytes = 0;
  let after = "";
  for (;;) {
    const page = rows.blocksAfter(after, pageBlocks);
    for (const { digest, bytes } of page) {
      if (signal?.aborted === true) throw new GgenError("aborted", "Checking the store was cancelled");
      const found = await blocks.read(digest);
      // It may have been evicted since the page was read; then nothing refers to it.
      const contents = found === undefined ? rows.contentsWith(digest) : [];
      if (contents.length > 0) damaged.push(digest);
      for (const cid of contents) affected.add(cid);
      checkedChunks += 1;
      checkedBytes += bytes;
      onProgress?.({ step: "verify", subject: "content store", done: checkedBytes, total, unit: "bytes" });
      after = digest;
    }
    if (page.length < pageBlocks) break;
  }
  return { checkedChunks, checkedBytes, damaged, affected: [...affected].sort() };
}
