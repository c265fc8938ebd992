import { GgenError, type PackedFile } from "@ggen/p2p-types";

import { checkAborted } from "../storage/fs-errors.ts";
import { blockBytes, encodeHeader, maxFileBytes, paddingOf, splitPath, storedBytes, trailerBytes } from "./header.ts";
import { comparePaths, createPathSet, pathProblem } from "./path-rules.ts";
import { tooLarge } from "./read-archive.ts";

/** A canonical archive that is made while it is read; the same bytes each time. */
export interface PackedArchive {
  /** In the order of the archive. */
  readonly files: readonly PackedFile[];
  /** Bytes of the archive. */
  readonly size: number;
  /**
   * The archive in pieces of 1 MiB, the last one smaller. Each piece is the reader's to keep.
   * @throws GgenError `archive.changed` when a file is no longer what it was when the archive was laid out,
   * `archive.unreadable`, `aborted`
   */
  read(signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A file to pack: what it is, and how its bytes are had. */
export interface PackEntry {
  readonly file: PackedFile;
  /** Opens the content; each call begins anew. */
  open(): Promise<PackContent>;
}

/** An open content. */
export interface PackContent {
  /** Fills `target` from the next bytes; returns how many, 0 at the end. */
  read(target: Uint8Array): Promise<number>;
  /** Checks, after exactly the announced bytes were read, that nothing changed. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

const pieceBytes = 1 << 20;

/** The refusal of something that an archive cannot hold. */
export function unsupportedEntry(path: string, problem: string): GgenError {
  const shown = JSON.stringify(path).slice(1, -1);
  return new GgenError("archive.unsupported-entry", `${shown} cannot be packed: ${problem}`, {
    expected: "a regular file with a portable path",
    got: problem,
    data: { path },
  });
}

/** The refusal of a file that was not the same twice. */
export function changedFile(path: string, got: string): GgenError {
  return new GgenError("archive.changed", `${path} changed while it was packed`, {
    expected: "a file that nothing writes to",
    got,
    data: { path },
  });
}

/**
 * Lays out an archive.
 * @param entries - in any order
 * @param maxBytes - largest archive in bytes
 * @throws GgenError `archive.unsupported-entry`, `archive.too-large`
 */
export function layOutArchive(entries: readonly PackEntry[], maxBytes: number): PackedArchive {
  const sorted = [...entries].sort((a, b) => comparePaths(a.file.path, b.file.path));
  const paths = createPathSet();
  let size = trailerBytes;
  for (const { file } of sorted) {
    const problem =
      pathProblem(file.path) ??
      (splitPath(file.path) === undefined ? "no slash splits it into at most 155 and 100 bytes" : undefined) ??
      paths.add(file.path);
    if (problem !== undefined) throw unsupportedEntry(file.path, problem);
    if (file.size > maxFileBytes) throw tooLarge(file.size, Math.min(maxBytes, maxFileBytes), file.path);
    size += storedBytes(file.size);
    if (size > maxBytes) throw tooLarge(size, maxBytes, file.path);
  }
  return {
    files: sorted.map(({ file }) => file),
    size,
    read: (signal) => encode(sorted, size, signal),
  };
}

async function* encode(
  entries: readonly PackEntry[],
  size: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let left = size;
  let piece = new Uint8Array(Math.min(pieceBytes, left));
  let filled = 0;
  // Hands the piece over once it is full. New pieces are zero, which is what padding and the trailer are made of.
  const advance = (by: number): Uint8Array | undefined => {
    filled += by;
    if (filled < piece.byteLength) return undefined;
    const full = piece;
    left -= full.byteLength;
    piece = new Uint8Array(Math.min(pieceBytes, left));
    filled = 0;
    return full;
  };
  function* skip(count: number): Generator<Uint8Array, void, undefined> {
    for (let rest = count; rest > 0;) {
      const step = Math.min(rest, piece.byteLength - filled);
      rest -= step;
      const full = advance(step);
      if (full !== undefined) yield full;
    }
  }
  for (const entry of entries) {
    const { file } = entry;
    checkAborted(signal);
    // Pieces are a multiple of the block size, and a header begins at one, so it never straddles two.
    piece.set(encodeHeader(file), filled);
    const afterHeader = advance(blockBytes);
    if (afterHeader !== undefined) yield afterHeader;
    const content = await entry.open();
    try {
      for (let rest = file.size; rest > 0;) {
        checkAborted(signal);
        const count = await content.read(piece.subarray(filled, Math.min(piece.byteLength, filled + rest)));
        if (count === 0) throw changedFile(file.path, `an end ${rest} bytes early`);
        rest -= count;
        const full = advance(count);
        if (full !== undefined) yield full;
      }
      await content.finish();
    } finally {
      await content.close();
    }
    yield* skip(paddingOf(file.size));
  }
  yield* skip(trailerBytes);
}
