import { equalBytes, GgenError, type PackedFile } from "@ggen/p2p-types";

import { checkAborted } from "../storage/fs-errors.ts";
import { type ByteSource, createByteSource } from "./byte-source.ts";
import { blockBytes, decodeHeader, encodeHeader, paddingOf, splitPath, storedBytes, trailerBytes } from "./header.ts";
import { fieldFault, formFault } from "./header-fault.ts";
import { comparePaths, createPathSet, pathProblem } from "./path-rules.ts";

/** What the reader meets, in order: a file, then its bytes in pieces (none when it is empty), then the next file. */
export type ArchiveEvent =
  | { readonly kind: "file"; readonly file: PackedFile }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end-of-file"; readonly file: PackedFile };

/** How {@link readArchive} reads. */
export interface ReadArchiveOptions {
  /** Exact bytes of the archive; unknown when absent, then the end must be where the trailer is. */
  readonly size?: number;
  /** Largest archive in bytes; no limit but the format's when absent. */
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
}

const maxPieceBytes = 1 << 20;
const zeroBlock = new Uint8Array(blockBytes);

/** The refusal of an archive: why, and at which byte. */
export function invalidArchive(reason: string, offset: number, path?: string): GgenError {
  return new GgenError("archive.invalid", `The archive is not in canonical form: ${reason}`, {
    expected: "bytes that re-encoding gives again",
    got: reason,
    data: { offset, ...(path === undefined ? {} : { path }) },
  });
}

/**
 * The one reader of archives. Every header is encoded again from what was understood of it and compared byte by byte, so
 * nothing that it passes on can be understood differently by another reader.
 * @yields each file, its bytes, its end
 * @throws GgenError `archive.invalid`, `archive.too-large`, `aborted`, and whatever the source throws
 */
export async function* readArchive(
  source: AsyncIterable<Uint8Array>,
  options: ReadArchiveOptions,
): AsyncGenerator<ArchiveEvent, void, undefined> {
  checkSize(options);
  const bytes = createByteSource(source);
  const limit = Math.min(options.size ?? Infinity, options.maxBytes ?? Infinity);
  const paths = createPathSet();
  let previous = "";
  try {
    for (;;) {
      checkAborted(options.signal);
      const at = bytes.position;
      const header = await takeBlock(bytes);
      if (equalBytes(header, zeroBlock)) break;
      const file = checkHeader(header, at, previous);
      if (at + storedBytes(file.size) + trailerBytes > limit) throw overLimit(options, at, file.path);
      const collision = paths.add(file.path);
      if (collision !== undefined) throw invalidArchive(collision, at, file.path);
      previous = file.path;
      yield { kind: "file", file };
      yield* readContent(bytes, file, options.signal);
      yield { kind: "end-of-file", file };
    }
    if (!equalBytes(await takeBlock(bytes), zeroBlock)) {
      throw invalidArchive("a single zero block", bytes.position - blockBytes);
    }
    if ((await bytes.piece(1)) !== undefined) throw invalidArchive("bytes after the end", bytes.position - 1);
    if (options.size !== undefined && bytes.position !== options.size) {
      throw invalidArchive(`an end at byte ${bytes.position} of ${options.size}`, bytes.position);
    }
  } finally {
    await bytes.close();
  }
}

function checkSize({ size, maxBytes }: ReadArchiveOptions): void {
  if (size === undefined) return;
  if (maxBytes !== undefined && size > maxBytes) throw tooLarge(size, maxBytes);
  if (!Number.isSafeInteger(size) || size < trailerBytes || size % blockBytes !== 0) {
    throw invalidArchive(`a size of ${size} bytes`, 0);
  }
}

/** The refusal of an archive over the cap. */
export function tooLarge(got: number, maxBytes: number, path?: string): GgenError {
  return new GgenError("archive.too-large", `The package is larger than ${maxBytes} bytes`, {
    expected: `at most ${maxBytes} bytes`,
    got: path === undefined ? `${got} bytes` : `at least ${got} bytes, counted to ${path}`,
    data: { bytes: got, maxBytes },
  });
}

function overLimit({ size, maxBytes }: ReadArchiveOptions, at: number, path: string): GgenError {
  if (size === undefined && maxBytes !== undefined) return tooLarge(at, maxBytes, path);
  return invalidArchive("a file that reaches over the end", at, path);
}

async function takeBlock(bytes: ByteSource): Promise<Uint8Array> {
  const block = await bytes.take(blockBytes);
  if (block.byteLength !== blockBytes) throw invalidArchive("an end before the trailer", bytes.position);
  return block;
}

function checkHeader(header: Uint8Array, at: number, previous: string): PackedFile {
  const fault = formFault(header);
  const file = fault === undefined ? decodeHeader(header) : undefined;
  if (file === undefined) throw invalidArchive(fault ?? "a size or mode that cannot be read", at);
  const problem = pathProblem(file.path);
  if (problem !== undefined) throw invalidArchive(`a path with ${problem}`, at, file.path);
  if (splitPath(file.path) === undefined) throw invalidArchive("a path that does not fit a header", at, file.path);
  const differs = fieldFault(header, encodeHeader(file));
  if (differs !== undefined) throw invalidArchive(differs, at, file.path);
  if (previous !== "" && comparePaths(previous, file.path) >= 0) {
    throw invalidArchive("paths that are not in order", at, file.path);
  }
  return file;
}

async function* readContent(
  bytes: ByteSource,
  file: PackedFile,
  signal: AbortSignal | undefined,
): AsyncGenerator<ArchiveEvent, void, undefined> {
  const start = bytes.position;
  const first: number[] = [];
  for (let left = file.size; left > 0;) {
    checkAborted(signal);
    const piece = await bytes.piece(Math.min(left, maxPieceBytes));
    if (piece === undefined) throw invalidArchive("an end inside a file", bytes.position, file.path);
    left -= piece.byteLength;
    if (first.length < 2) first.push(...piece.subarray(0, 2 - first.length));
    yield { kind: "data", bytes: piece };
  }
  if (isScript(first) !== file.executable) {
    throw invalidArchive(file.executable ? "mode 0755 without #!" : "mode 0644 with #!", start, file.path);
  }
  const padding = await bytes.take(paddingOf(file.size));
  if (padding.byteLength !== paddingOf(file.size))
    throw invalidArchive("an end inside padding", bytes.position, file.path);
  if (padding.some((byte) => byte !== 0)) throw invalidArchive("padding that is not zero", bytes.position, file.path);
}

/** Whether a content that begins with these bytes is executable: exactly when they are `#!`. */
export function isScript(first: ArrayLike<number>): boolean {
  return first.length >= 2 && first[0] === 0x23 && first[1] === 0x21;
}
