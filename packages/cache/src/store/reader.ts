import { type ContentStat, chunkCount, chunkSize, GgenError } from "@ggen/p2p-types";

import type { ContentRow } from "../database/rows.ts";
import type { StoreContext } from "./fetch-state.ts";

/** First byte, and the byte after the last. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Which leaves are here: by number, as far as the tree is known. */
function presentLeaves({ rows, blocks }: StoreContext, row: ContentRow): ReadonlySet<number> {
  // What is on its way to the disk has no row yet.
  const staged = blocks.staged().flatMap((digest) => rows.leavesOf(row.id, digest));
  return new Set([...rows.presentLeaves(row.id), ...staged]);
}

function isAnythingHere({ rows, blocks }: StoreContext, row: ContentRow): boolean {
  return rows.parts(row.id).some(({ digest }) => blocks.bytesOf(digest) !== undefined);
}

/** See `ContentStore.stat`. */
export function statContent(context: StoreContext, row: ContentRow): ContentStat | undefined {
  const chunks = chunkCount(row.size);
  const present = row.complete ? chunks : presentLeaves(context, row).size;
  if (present === 0 && !isAnythingHere(context, row)) return undefined;
  const { cid, size, sha256 } = row;
  return {
    content: { cid, size, sha256 },
    complete: row.complete,
    chunks,
    present,
    pins: context.rows.pins(cid),
  };
}

/** See `ContentStore.haveMap`. */
export function haveMapOf(context: StoreContext, row: ContentRow): Uint8Array | undefined {
  const chunks = chunkCount(row.size);
  const map = new Uint8Array(Math.ceil(chunks / 8));
  const present = row.complete ? Array.from({ length: chunks }).keys() : presentLeaves(context, row);
  let any = false;
  for (const number of present) {
    map[number >> 3] = (map[number >> 3] ?? 0) | (1 << (number & 7));
    any = true;
  }
  return any || isAnythingHere(context, row) ? map : undefined;
}

/**
 * The checked bytes of a complete content; reads one chunk ahead.
 *
 * @yields bytes of the range, at most a chunk at a time
 * @throws GgenError `content.missing`, `content.mismatch`, `http.range-not-satisfiable`, `aborted`
 */
export async function* readContent(
  context: StoreContext,
  cid: string,
  range?: ByteRange,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { rows, blocks, usage } = context;
  const row = rows.content(cid);
  if (row?.complete !== true) throw new GgenError("content.missing", `Content ${cid.slice(0, 64)} is not here`);
  const { start, end } = range ?? { start: 0, end: row.size };
  if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start || end > row.size) {
    throw new GgenError("http.range-not-satisfiable", `A range lies outside of content ${cid}`, {
      expected: `0 <= start <= end <= ${row.size}`,
      got: `${start}-${end}`,
    });
  }
  if (start === end) return;
  const release = usage.keep(cid);
  usage.touch(cid);
  const first = Math.floor(start / chunkSize);
  const leaves = rows.leaves(row.id, first, Math.ceil(end / chunkSize) - first);
  const load = async (number: number): Promise<Uint8Array | undefined> => {
    const leaf = leaves[number];
    return leaf === undefined ? undefined : await blocks.read(leaf.digest);
  };
  let ahead = load(0);
  try {
    for (const [number, leaf] of leaves.entries()) {
      if (signal?.aborted === true) throw new GgenError("aborted", "Reading a content was cancelled");
      const bytes = await ahead;
      if (bytes === undefined) {
        throw new GgenError("content.mismatch", `A stored chunk of content ${cid} was damaged or missing`, {
          hint: "It was set aside; run the command again to fetch it from peers.",
          data: { digest: leaf.digest },
        });
      }
      ahead = load(number + 1);
      // Whoever stops early does not wait for what was read ahead, so its failure must not go unheard.
      ahead.catch(() => {});
      const offset = leaf.start * chunkSize;
      yield bytes.subarray(Math.max(0, start - offset), Math.min(bytes.byteLength, end - offset));
    }
  } finally {
    await ahead.catch(() => {});
    release();
  }
}
