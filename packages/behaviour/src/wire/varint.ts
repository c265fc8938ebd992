/** Most bytes of a length prefix: four carry lengths up to 256 MiB, more than any limit here. */
export const maxVarintBytes = 4;

/**
 * An unsigned LEB128 varint.
 * @param value - 0 to 2^28 − 1
 */
export function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return Uint8Array.from(bytes);
}
