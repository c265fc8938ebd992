/** Pieces of CBOR written by hand, also such as no encoder of ours would write. */

/** The head of an item: major type 0-7 and its argument, in the shortest form unless `width` says otherwise. */
export function head(major: number, argument: number, width?: 1 | 2 | 4 | 8): Buffer {
  const needed = width ?? (argument < 24 ? 0 : argument < 256 ? 1 : argument < 65_536 ? 2 : 4);
  const bytes = Buffer.alloc(1 + needed);
  const marks = new Map([
    [1, 24],
    [2, 25],
    [4, 26],
    [8, 27],
  ]);
  bytes[0] = (major << 5) | (marks.get(needed) ?? argument);
  if (needed === 8) bytes.writeBigUInt64BE(BigInt(argument), 1);
  else if (needed > 0) bytes.writeUIntBE(argument, 1, needed);
  return bytes;
}

export const bytes = (value: Uint8Array): Buffer => Buffer.concat([head(2, value.byteLength), value]);
export const text = (value: string): Buffer => Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
export const list = (...items: readonly Uint8Array[]): Buffer => Buffer.concat([head(4, items.length), ...items]);

/** A map in exactly this order, whatever the order should be. */
export function map(...entries: readonly (readonly [string, Uint8Array])[]): Buffer {
  return Buffer.concat([head(5, entries.length), ...entries.flatMap(([key, value]) => [text(key), value])]);
}

/** A floating point number of 64 bits. */
export function float(value: number): Buffer {
  const result = Buffer.alloc(9);
  result[0] = 0xfb;
  result.writeDoubleBE(value, 1);
  return result;
}
