import type { PackedFile } from "@ggen/p2p-types";

import { readArchive } from "./read-archive.ts";

/** What is known of an archive before it is read. */
export interface ValidateArchiveOptions {
  /** Exact bytes, as signed. */
  readonly size: number;
  /** Largest archive in bytes; checked before the first byte is read. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

/**
 * The first pass over an archive from somewhere else: reads all of it, writes nothing, and accepts only what
 * {@link packFiles} would make of the same files.
 * @param source - pieces of any size; closed early when the archive is refused
 * @returns the files, in the order of the archive
 * @throws GgenError `archive.invalid`, `archive.too-large`, `aborted`, and what the source throws
 */
export async function validateArchive(
  source: AsyncIterable<Uint8Array>,
  options: ValidateArchiveOptions,
): Promise<readonly PackedFile[]> {
  const files: PackedFile[] = [];
  for await (const event of readArchive(source, options)) {
    if (event.kind === "file") files.push(event.file);
  }
  return files;
}
