import { GgenError } from "@ggen/p2p-types";

/** The protocol byte of Negentropy version 1. */
export const protocolByte = 0x61;
/** Largest message in bytes, whoever made it; checked before anything is read. */
export const maxMessageBytes: number = 1024 * 1024;
/** What a range asks of its reader. */
export const rangeMode = { skip: 0, fingerprint: 1, idList: 2 } as const;

/** The place between two items: everything that orders before it is below. */
export interface Bound {
  /** Seconds, up to 2^53 - 1; `Infinity` ends the last range. */
  readonly time: number;
  /** 0-32 bytes; what is left out is zero. */
  readonly idPrefix: Uint8Array;
}

const noBytes = new Uint8Array(0);
/** Where the first range begins. */
export const lowestBound: Bound = { time: 0, idPrefix: noBytes };
/** Where the last range ends. */
export const highestBound: Bound = { time: Number.POSITIVE_INFINITY, idPrefix: noBytes };

/** @throws never; makes the error for a message that breaks the format */
export function malformed(what: string, expected: string, got?: string): GgenError {
  return new GgenError("network.protocol", `A reconciliation message is malformed: ${what}`, {
    expected,
    ...(got === undefined ? {} : { got }),
  });
}

/** Negative when `a` orders before `b`, 0 when they are the same place. */
export function compareBounds(a: Bound, b: Bound): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  const length = Math.max(a.idPrefix.byteLength, b.idPrefix.byteLength);
  for (let index = 0; index < length; index++) {
    const difference = (a.idPrefix[index] ?? 0) - (b.idPrefix[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * The shortest bound that lies above one item and not above the next.
 * @param before - the last item below the bound
 * @param after - the first item not below it
 */
export function boundBetween(
  before: { readonly time: number; readonly id: Uint8Array },
  after: { readonly time: number; readonly id: Uint8Array },
): Bound {
  if (before.time !== after.time) return { time: after.time, idPrefix: noBytes };
  let shared = 0;
  while (shared < 31 && before.id[shared] === after.id[shared]) shared++;
  return { time: after.time, idPrefix: after.id.subarray(0, shared + 1) };
}

/**
 * Base-128 digits, the most significant first, all but the last with their high bit set.
 * @param value - an integer from 0 to 2^53 - 1
 */
export function encodeVarint(value: number): Uint8Array {
  const digits = [value % 128];
  // Division, not a shift: shifts work on 32 bits.
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) digits.unshift((rest % 128) + 128);
  return Uint8Array.from(digits);
}

/** Builds a message. Bounds must be written in ascending order. */
export class MessageWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;
  #time = 0;

  constructor() {
    this.bytes(Uint8Array.of(protocolByte));
  }

  /** Bytes written so far. */
  get byteLength(): number {
    return this.#length;
  }

  bytes(bytes: Uint8Array): void {
    const end = this.#length + bytes.byteLength;
    if (end > this.#bytes.byteLength) {
      const larger = new Uint8Array(Math.max(end, this.#bytes.byteLength * 2));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
    }
    this.#bytes.set(bytes, this.#length);
    this.#length = end;
  }

  varint(value: number): void {
    this.bytes(encodeVarint(value));
  }

  /** A range's upper bound and mode; its payload follows. */
  range(bound: Bound, mode: number): void {
    if (bound.time === Number.POSITIVE_INFINITY) {
      this.varint(0);
    } else {
      this.varint(1 + bound.time - this.#time);
      this.#time = bound.time;
    }
    this.varint(bound.idPrefix.byteLength);
    this.bytes(bound.idPrefix);
    this.varint(mode);
  }

  /** Forgets what was written after `mark`, a result of {@link mark}. */
  rewind(mark: { readonly length: number; readonly time: number }): void {
    this.#length = mark.length;
    this.#time = mark.time;
  }

  /** This place, for {@link rewind}. */
  mark(): { readonly length: number; readonly time: number } {
    return { length: this.#length, time: this.#time };
  }

  /** A copy of the message. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }
}

/** Reads a message from a peer. Every method throws `network.protocol` for what breaks the format. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  #offset = 0;
  #time = 0;

  constructor(bytes: Uint8Array) {
    if (bytes.byteLength > maxMessageBytes) {
      throw malformed("its size", `at most ${maxMessageBytes} bytes`, `${bytes.byteLength} bytes`);
    }
    this.#bytes = bytes;
  }

  /** Bytes not yet read. */
  get remaining(): number {
    return this.#bytes.byteLength - this.#offset;
  }

  /** A view of the next bytes. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw malformed("its end", `${length} more bytes`, `${this.remaining}`);
    const start = this.#offset;
    this.#offset += length;
    return this.#bytes.subarray(start, this.#offset);
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0;
  }

  /** An integer up to 2^53 - 1 in as few digits as possible. */
  varint(): number {
    let value = 0;
    for (let digits = 0; ; digits++) {
      const byte = this.byte();
      if (digits === 0 && byte === 0x80) throw malformed("a varint", "no leading zero digit");
      value = value * 128 + (byte & 0x7f);
      if (value > Number.MAX_SAFE_INTEGER) throw malformed("a varint", "at most 2^53 - 1");
      if (byte < 0x80) return value;
    }
  }

  /** A range's upper bound. @param previous - the bound before it, which it must exceed */
  bound(previous: Bound): Bound {
    const encoded = this.varint();
    const time = encoded === 0 ? Number.POSITIVE_INFINITY : this.#time + encoded - 1;
    if (time > Number.MAX_SAFE_INTEGER && encoded !== 0) throw malformed("a bound's time", "at most 2^53 - 1");
    if (encoded !== 0) this.#time = time;
    const length = this.varint();
    if (length > 32) throw malformed("a bound's id prefix", "0-32 bytes", `${length}`);
    const bound = { time, idPrefix: this.bytes(length) };
    if (encoded === 0 && length > 0) throw malformed("the last bound", "no id prefix at infinity");
    const order = compareBounds(bound, previous);
    // The reference implementation may close a full frame with an empty range at infinity.
    if (order < 0 || (order === 0 && encoded !== 0)) throw malformed("its bounds", "ascending order");
    return bound;
  }
}
