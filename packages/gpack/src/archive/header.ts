import type { PackedFile } from "@ggen/p2p-types";

/** Bytes of a header, and the unit to which content is padded with zeros. */
export const blockBytes = 512;
/** Two zero blocks end an archive. */
export const trailerBytes: number = 2 * blockBytes;
/** Largest file: eleven octal digits. */
export const maxFileBytes: number = 8 ** 11 - 1;

const nameBytes = 100;
const prefixBytes = 155;
const checksumAt = 148;

/** Where each ustar field begins. */
const field = {
  name: 0,
  mode: 100,
  uid: 108,
  gid: 116,
  size: 124,
  mtime: 136,
  checksum: checksumAt,
  type: 156,
  magic: 257,
  version: 263,
  devmajor: 329,
  devminor: 337,
  prefix: 345,
} as const;

/** Zero bytes after a content of this size. */
export function paddingOf(size: number): number {
  return (blockBytes - (size % blockBytes)) % blockBytes;
}

/** Bytes that a file takes in an archive, header and padding included. */
export function storedBytes(size: number): number {
  return blockBytes + size + paddingOf(size);
}

/**
 * Splits a path into the ustar fields prefix and name: no prefix when the whole fits the name, otherwise at the last
 * slash at which both fit.
 * @returns undefined when no slash will do
 */
export function splitPath(path: string): { readonly prefix: string; readonly name: string } | undefined {
  if (path.length <= nameBytes) return { prefix: "", name: path };
  const at = path.lastIndexOf("/", prefixBytes);
  if (at <= 0 || path.length - at - 1 > nameBytes || at === path.length - 1) return undefined;
  return { prefix: path.slice(0, at), name: path.slice(at + 1) };
}

/**
 * The 512 bytes before a file's content.
 * @param file - a path that {@link splitPath} can split, a size of at most {@link maxFileBytes}
 */
export function encodeHeader(file: PackedFile): Uint8Array {
  const header = Buffer.alloc(blockBytes);
  const split = splitPath(file.path);
  if (split === undefined) throw new RangeError(`path does not fit a header: ${file.path}`);
  header.write(split.name, field.name, "latin1");
  header.write(file.executable ? "0000755" : "0000644", field.mode, "latin1");
  for (const zero of [field.uid, field.gid, field.devmajor, field.devminor]) header.write("0000000", zero, "latin1");
  header.write(file.size.toString(8).padStart(11, "0"), field.size, "latin1");
  header.write("0".repeat(11), field.mtime, "latin1");
  header.write(" ".repeat(8), field.checksum, "latin1");
  header.write("0", field.type, "latin1");
  header.write("ustar\u000000", field.magic, "latin1");
  header.write(split.prefix, field.prefix, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\u0000 `, field.checksum, "latin1");
  return header;
}

/**
 * What a header says, read without any tolerance that matters: the caller re-encodes it and compares all 512 bytes.
 * @param header - exactly 512 bytes
 * @returns undefined when the size is not a number or the mode not one of the two
 */
export function decodeHeader(header: Uint8Array): PackedFile | undefined {
  const bytes = Buffer.from(header.buffer, header.byteOffset, header.byteLength);
  const text = (at: number, length: number): string => {
    const end = bytes.indexOf(0, at);
    return bytes.toString("latin1", at, end === -1 || end > at + length ? at + length : end);
  };
  const size = text(field.size, 12);
  const mode = text(field.mode, 8);
  if (!/^[0-7]{11}$/.test(size) || (mode !== "0000644" && mode !== "0000755")) return undefined;
  const prefix = text(field.prefix, prefixBytes);
  const name = text(field.name, nameBytes);
  return {
    path: prefix === "" ? name : `${prefix}/${name}`,
    size: Number.parseInt(size, 8),
    executable: mode === "0000755",
  };
}
