/**
 * The UnixFS message inside a node of a file's tree, written here and not by `ipfs-unixfs`: its protobuf runtime
 * (protons-runtime 7.1.2) writes sizes whose bit 31 is set, as those of a file of 2 to 4 GiB, without their last bytes,
 * so that the CID depends on what was in memory before.
 */

/** Field 1, Type, varint: 2 is File. */
const typeFile = [0x08, 0x02] as const;
/** Field 3, filesize, varint. */
const fileSizeTag = 0x18;
/** Field 4, blocksizes, varint, repeated without packing. */
const blockSizeTag = 0x20;

/**
 * The message of a file node without data of its own: `Type: File, filesize, blocksizes…`, in the order of the fields.
 * @param blockSizes - content bytes below each child
 * @see https://specs.ipfs.tech/unixfs/
 */
export function encodeFileData(blockSizes: readonly number[]): Uint8Array {
  const bytes: number[] = [...typeFile, fileSizeTag];
  pushVarint(
    bytes,
    blockSizes.reduce((sum, size) => sum + size, 0),
  );
  for (const size of blockSizes) {
    bytes.push(blockSizeTag);
    pushVarint(bytes, size);
  }
  return Uint8Array.from(bytes);
}

/**
 * What such a message says of the whole size; undefined when it does not begin as {@link encodeFileData} writes it.
 * @param data - of any length; only its first bytes are looked at
 */
export function readFileSize(data: Uint8Array): number | undefined {
  if (data[0] !== typeFile[0] || data[1] !== typeFile[1] || data[2] !== fileSizeTag) return undefined;
  let size = 0;
  let factor = 1;
  // Eight groups of seven bits hold every safe integer.
  for (let at = 3; at < 11; at++) {
    const byte = data[at];
    if (byte === undefined) return undefined;
    size += (byte & 0x7f) * factor;
    if (byte < 0x80) return Number.isSafeInteger(size) ? size : undefined;
    factor *= 0x80;
  }
  return undefined;
}

/** Appends an unsigned LEB128 number; by division, because bit operations stop at 32 bits. */
function pushVarint(bytes: number[], value: number): void {
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  bytes.push(rest);
}
