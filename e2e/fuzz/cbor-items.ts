/** A CBOR item as it stands on the wire, also one that no decoder would accept. */
export interface CborItem {
  /** 0 unsigned, 1 negative, 2 bytes, 3 text, 4 list, 5 map (keys and values in turn), 6 tag, 7 simple or float. */
  readonly major: number;
  /** The argument; of strings, lists and maps what is written when {@link lie} is absent follows from their content. */
  readonly value: bigint;
  /** Bytes of the argument when they are not the fewest: 1, 2, 4 or 8. */
  readonly width?: number;
  readonly bytes?: Uint8Array;
  readonly items?: readonly CborItem[];
  /** A length that is written although it is not the content's. */
  readonly lie?: bigint;
}

const maxDepth = 200;

/** The item that some bytes begin with, and where it ends; undefined when there is none. */
export function readItem(
  bytes: Uint8Array,
  from = 0,
  depth = 0,
): { readonly item: CborItem; readonly end: number } | undefined {
  const first = bytes[from];
  if (first === undefined || depth > maxDepth) return undefined;
  const major = first >> 5;
  const info = first & 31;
  const width = info < 24 ? 0 : 2 ** (info - 24);
  if (info > 27 || from + 1 + width > bytes.byteLength) return undefined;
  let value = width === 0 ? BigInt(info) : 0n;
  for (let at = 0; at < width; at++) value = value * 256n + BigInt(bytes[from + 1 + at] ?? 0);
  let end = from + 1 + width;
  if (major === 7) return { item: { major, value, width }, end };
  if (major < 2) return { item: { major, value }, end };
  if (major < 4) {
    const length = Number(value);
    if (end + length > bytes.byteLength) return undefined;
    return { item: { major, value, bytes: bytes.slice(end, end + length) }, end: end + length };
  }
  const items: CborItem[] = [];
  const count = major === 6 ? 1 : Number(value) * (major === 5 ? 2 : 1);
  for (let at = 0; at < count; at++) {
    const read = readItem(bytes, end, depth + 1);
    if (read === undefined) return undefined;
    items.push(read.item);
    end = read.end;
  }
  return { item: { major, value, items }, end };
}

/** Writes an item as it says. */
export function writeItem(item: CborItem): Uint8Array {
  const parts: Uint8Array[] = [];
  write(item, parts);
  return new Uint8Array(Buffer.concat(parts));
}

function write(item: CborItem, parts: Uint8Array[]): void {
  const { major, items = [], bytes } = item;
  const count = BigInt(major === 5 ? Math.floor(items.length / 2) : items.length);
  const content =
    major === 2 || major === 3 ? BigInt(bytes?.byteLength ?? 0) : major === 4 || major === 5 ? count : item.value;
  parts.push(head(major, item.lie ?? content, item.width ?? (major === 7 ? 0 : undefined)));
  if (bytes !== undefined) parts.push(bytes);
  for (const inner of items) write(inner, parts);
}

function head(major: number, value: bigint, wanted: number | undefined): Uint8Array {
  const least = value < 24n ? 0 : value < 256n ? 1 : value < 65_536n ? 2 : value < 2n ** 32n ? 4 : 8;
  const width = Math.max(least, wanted ?? 0);
  const head = new Uint8Array(1 + width);
  head[0] = (major << 5) | (width === 0 ? Number(value) : 24 + Math.log2(width));
  let rest = value;
  for (let at = width; at > 0; at--) {
    head[at] = Number(rest & 255n);
    rest >>= 8n;
  }
  return head;
}
