/** A link; its bytes are those of a CID, which was not looked at. */
export class CanonicalLink {
  readonly cid: Uint8Array;

  /** @param cid - binary, without the prefix that CBOR has before it */
  constructor(cid: Uint8Array) {
    this.cid = cid;
  }
}

/** Deepest nesting that is read; a record needs five. */
const maxDepth = 16;
const byteOrderMark = "\uFEFF";

/**
 * A value of deterministic DAG-CBOR as far as records use it: an integer, text, bytes (a view of the input), a list, a
 * map, a link, a boolean or null. Maps are `Map`s.
 */
export type CanonicalValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | CanonicalLink
  | readonly CanonicalValue[]
  | CanonicalMap;

/** A decoded map. */
export interface CanonicalMap extends Map<string, CanonicalValue> {}

/**
 * Decodes one item and accepts its one canonical spelling only, in one pass: what this takes, `@ipld/dag-cbor` decodes to
 * the same value and encodes to the same bytes, but for the CID in a link, which is left to the caller. Floats and
 * integers beyond 2^53, which no record has, are refused.
 * @param bytes - the caller has checked their size; what is returned has views of them
 * @throws RangeError
 */
export function decodeCanonical(bytes: Uint8Array): CanonicalValue {
  const reader = new CanonicalReader(bytes);
  const value = reader.value(0);
  reader.end();
  return value;
}

class CanonicalReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  end(): void {
    if (this.#offset !== this.#bytes.byteLength) throw refusal("bytes after the end");
  }

  value(depth: number): CanonicalValue {
    if (depth > maxDepth) throw refusal("nested too deep");
    const head = this.#byte();
    const argument = head >> 5 === 7 ? 0 : this.#argument(head & 0x1f);
    switch (head >> 5) {
      case 0:
        return argument;
      case 1:
        if (argument === Number.MAX_SAFE_INTEGER) throw refusal("an integer below -(2^53 - 1)");
        return -1 - argument;
      case 2:
        return this.#take(argument);
      case 3:
        return this.#text(argument);
      case 4:
        return this.#list(argument, depth);
      case 5:
        return this.#map(argument, depth);
      case 6:
        if (argument !== 42) throw refusal("a tag that is no link");
        return this.#link();
      default:
        return simpleValue(head);
    }
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw refusal("an early end");
    this.#offset += 1;
    return byte;
  }

  /** The number in a head, in as few bytes as it needs. */
  #argument(short: number): number {
    if (short < 24) return short;
    if (short > 27) throw refusal("an indefinite length");
    const size = 1 << (short - 24);
    let value = 0;
    for (let read = 0; read < size; read++) value = value * 256 + this.#byte();
    const least = size === 1 ? 24 : 2 ** (size * 4);
    if (value < least || value > Number.MAX_SAFE_INTEGER)
      throw refusal("a number that is spelt too long, or too large");
    return value;
  }

  #skip(length: number): number {
    const start = this.#offset;
    if (length > this.#bytes.byteLength - start) throw refusal("an early end");
    this.#offset = start + length;
    return start;
  }

  #take(length: number): Uint8Array {
    const start = this.#skip(length);
    return new Uint8Array(this.#bytes.buffer, this.#bytes.byteOffset + start, length);
  }

  #text(length: number): string {
    const bytes = this.#bytes;
    const start = this.#skip(length);
    const end = start + length;
    let at = start;
    while (at < end && (bytes[at] ?? 0) < 0x80) at++;
    if (at === end) return bytes.toString("latin1", start, end);
    const text = bytes.toString("utf8", start, end);
    if (text.startsWith(byteOrderMark) || Buffer.compare(Buffer.from(text), bytes.subarray(start, end)) !== 0) {
      throw refusal("text that is not UTF-8");
    }
    return text;
  }

  #list(length: number, depth: number): CanonicalValue[] {
    // Each item takes at least one byte.
    if (length > this.#bytes.byteLength - this.#offset) throw refusal("an early end");
    const list: CanonicalValue[] = [];
    for (let index = 0; index < length; index++) list.push(this.value(depth + 1));
    return list;
  }

  #map(length: number, depth: number): CanonicalMap {
    if (length > this.#bytes.byteLength - this.#offset) throw refusal("an early end");
    const map: CanonicalMap = new Map();
    let before: { start: number; end: number } | undefined;
    for (let index = 0; index < length; index++) {
      const head = this.#byte();
      if (head >> 5 !== 3) throw refusal("a key that is no text");
      const size = this.#argument(head & 0x1f);
      const start = this.#offset;
      const key = this.#text(size);
      const end = this.#offset;
      if (before !== undefined && !this.#ascends(before, { start, end })) throw refusal("keys that do not ascend");
      before = { start, end };
      map.set(key, this.value(depth + 1));
    }
    return map;
  }

  /** Whether one key stands before another: by length, then by bytes. */
  #ascends(a: { start: number; end: number }, b: { start: number; end: number }): boolean {
    const difference = b.end - b.start - (a.end - a.start);
    return difference > 0 || (difference === 0 && this.#bytes.compare(this.#bytes, b.start, b.end, a.start, a.end) < 0);
  }

  #link(): CanonicalLink {
    const head = this.#byte();
    if (head >> 5 !== 2) throw refusal("a link that is no byte string");
    const bytes = this.#take(this.#argument(head & 0x1f));
    if (bytes[0] !== 0) throw refusal("a link without its prefix");
    return new CanonicalLink(bytes.subarray(1));
  }
}

function simpleValue(head: number): boolean | null {
  if (head === 0xf4) return false;
  if (head === 0xf5) return true;
  if (head === 0xf6) return null;
  throw refusal("a value that no record has");
}

function refusal(what: string): RangeError {
  return new RangeError(`not deterministic DAG-CBOR: ${what}`);
}
