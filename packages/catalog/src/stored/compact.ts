/** Most bytes that are made compact, of a context, and of a prefix: places are two bytes. */
const maxRecordBytes = 16_384;
const maxContextBytes = 1024;
const maxPrefixBytes = 16_384;
/** Shortest repetition. */
const minMatch = 4;
/** A head below is a run of bytes that follow it, one more than it says. */
const shortHead = 0x80;
const maxRun = 0x80;
/** A short repetition: three bits of how much longer than the least it is, three of its place, and the rest in a byte. */
const maxShort = minMatch + 7;
const shortPlaces = 0x800;
/** A long one: six bits of its length, its place in two bytes. */
const longHead = 0xc0;
const maxMatch = minMatch + 0x3f;
const hashBits = 13;

/**
 * Bytes in a shorter form, and back: runs of bytes as they are, and repetitions of what stands before them, first of all in
 * what the writer and the reader both have. A few microseconds for a record, where a general compressor needs fifty.
 */
export class Compactor {
  readonly #prefixBytes: number;
  /** Prefix, context and record, used anew by each call. */
  readonly #window: Uint8Array;
  readonly #output: Uint8Array = new Uint8Array(maxRecordBytes + maxRecordBytes / maxRun);
  /** Places in the prefix by what begins there, and one more than these. */
  readonly #fixed: Uint16Array = new Uint16Array(1 << hashBits);
  /** As before for what is being written; a place of an earlier call has another epoch. */
  readonly #table: Uint32Array = new Uint32Array(1 << hashBits);
  #epoch = 0;

  /** @param prefix - what stands before everything, at most 16 KiB */
  constructor(prefix: Uint8Array) {
    if (prefix.byteLength > maxPrefixBytes) throw new RangeError(`a prefix of ${prefix.byteLength} bytes is too long`);
    this.#prefixBytes = prefix.byteLength;
    this.#window = new Uint8Array(prefix.byteLength + maxContextBytes + maxRecordBytes);
    this.#window.set(prefix);
    for (let at = 0; at + minMatch <= prefix.byteLength; at++) this.#fixed[hashAt(prefix, at)] = at + 1;
  }

  /**
   * @param bytes - at most 16 KiB
   * @param context - at most 1 KiB that the reader has as well
   */
  compact(bytes: Uint8Array, context: Uint8Array): Uint8Array<ArrayBuffer> {
    const window = this.#window;
    const output = this.#output;
    const fixed = this.#fixed;
    const table = this.#table;
    const start = this.#begin(context, bytes.byteLength);
    const end = start + bytes.byteLength;
    window.set(bytes, start);
    const epoch = this.#nextEpoch() * 0x10000;
    for (let at = this.#prefixBytes; at < start && at + minMatch <= end; at++) table[hashAt(window, at)] = epoch + at;
    let size = 0;
    let run = start;
    let at = start;
    while (at + minMatch <= end) {
      const hash = hashAt(window, at);
      const entry = table[hash] ?? 0;
      table[hash] = epoch + at;
      let from = entry - epoch;
      let length = from < 0 ? 0 : matchLength(window, from, at, end);
      const fixedFrom = (fixed[hash] ?? 0) - 1;
      if (fixedFrom >= 0) {
        const fixedLength = matchLength(window, fixedFrom, at, end);
        if (fixedLength > length) {
          from = fixedFrom;
          length = fixedLength;
        }
      }
      if (length < minMatch) {
        at++;
        continue;
      }
      size = copyRun(window, run, at, output, size);
      const more = length - minMatch;
      if (length <= maxShort && from < shortPlaces) {
        output[size] = shortHead | (more << 3) | (from >> 8);
        output[size + 1] = from & 0xff;
        size += 2;
      } else {
        output[size] = longHead | more;
        output[size + 1] = from & 0xff;
        output[size + 2] = from >> 8;
        size += 3;
      }
      at += length;
      run = at;
    }
    return output.slice(0, copyRun(window, run, end, output, size));
  }

  /**
   * What {@link compact} made shorter.
   * @param bytes - from the disk: anything
   * @throws RangeError for what it cannot have made
   */
  expand(bytes: Uint8Array, context: Uint8Array): Uint8Array<ArrayBuffer> {
    const window = this.#window;
    const start = this.#begin(context, expandedBytes(bytes));
    let size = start;
    for (let at = 0; at < bytes.byteLength;) {
      const head = bytes[at++] ?? 0;
      if (head < shortHead) {
        for (let left = head; left >= 0; left--) window[size++] = bytes[at++] ?? 0;
        continue;
      }
      const isShort = head < longHead;
      let from = (bytes[at++] ?? 0) + (isShort ? head & 7 : (bytes[at++] ?? 0)) * 0x100;
      if (from >= size) throw new RangeError("a stored record repeats what it does not have");
      // It may repeat what it is itself writing.
      for (let left = matchBytes(head); left > 0; left--) window[size++] = window[from++] ?? 0;
    }
    return window.slice(start, size);
  }

  /** Puts the context in its place. @returns where the record begins */
  #begin(context: Uint8Array, bytes: number): number {
    if (context.byteLength > maxContextBytes || bytes > maxRecordBytes) {
      throw new RangeError(`a record of ${bytes} bytes cannot be stored`);
    }
    this.#window.set(context, this.#prefixBytes);
    return this.#prefixBytes + context.byteLength;
  }

  #nextEpoch(): number {
    if (++this.#epoch > 0xffff) {
      this.#table.fill(0);
      this.#epoch = 1;
    }
    return this.#epoch;
  }
}

/** Writes a run of bytes as they are. @returns how many bytes the output has then */
function copyRun(window: Uint8Array, from: number, to: number, output: Uint8Array, size: number): number {
  let written = size;
  for (let run = from; run < to;) {
    const end = Math.min(run + maxRun, to);
    output[written++] = end - run - 1;
    while (run < end) output[written++] = window[run++] ?? 0;
  }
  return written;
}

/** How long a repetition is. */
function matchBytes(head: number): number {
  return minMatch + (head < longHead ? (head >> 3) & 7 : head & 0x3f);
}

/** How long what is written in short is. */
function expandedBytes(bytes: Uint8Array): number {
  let total = 0;
  let at = 0;
  while (at < bytes.byteLength) {
    const head = bytes[at] ?? 0;
    const isRun = head < shortHead;
    at += isRun ? head + 2 : head < longHead ? 2 : 3;
    total += isRun ? head + 1 : matchBytes(head);
  }
  if (at !== bytes.byteLength) throw new RangeError("a stored record has a wrong length");
  return total;
}

function hashAt(bytes: Uint8Array, at: number): number {
  const word =
    (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
  return Math.imul(word, 0x9e3779b1) >>> (32 - hashBits);
}

function matchLength(bytes: Uint8Array, from: number, at: number, end: number): number {
  const most = Math.min(maxMatch, end - at);
  let length = 0;
  while (length < most && bytes[from + length] === bytes[at + length]) length++;
  return length;
}
