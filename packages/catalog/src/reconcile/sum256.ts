import { sha256 } from "@ggen/p2p-types";

import { encodeVarint } from "./wire.ts";

/** Bytes of an operation id. */
export const idBytes = 32;
/** Bytes of a fingerprint on the wire. */
export const fingerprintBytes = 16;

/** A 256-bit unsigned integer as eight 32-bit words, the least significant first. */
export type Sum256 = Uint32Array;

/** Zero. */
export function zeroSum(): Sum256 {
  return new Uint32Array(8);
}

/** `sum += other` modulo 2^256. */
export function addSum(sum: Sum256, other: Sum256): void {
  let carry = 0;
  for (let word = 0; word < 8; word++) {
    const total = (sum[word] ?? 0) + (other[word] ?? 0) + carry;
    sum[word] = total;
    carry = total > 0xffffffff ? 1 : 0;
  }
}

/** `sum -= other` modulo 2^256. */
export function subtractSum(sum: Sum256, other: Sum256): void {
  let borrow = 0;
  for (let word = 0; word < 8; word++) {
    const total = (sum[word] ?? 0) - (other[word] ?? 0) - borrow;
    sum[word] = total;
    borrow = total < 0 ? 1 : 0;
  }
}

/** `sum += id`, where the 32 bytes at `offset` are read as a little-endian integer. */
export function addId(sum: Sum256, view: DataView, offset: number): void {
  let carry = 0;
  for (let word = 0; word < 8; word++) {
    const total = (sum[word] ?? 0) + view.getUint32(offset + word * 4, true) + carry;
    sum[word] = total;
    carry = total > 0xffffffff ? 1 : 0;
  }
}

/** `sum -= id`, the inverse of {@link addId}. */
export function subtractId(sum: Sum256, view: DataView, offset: number): void {
  let borrow = 0;
  for (let word = 0; word < 8; word++) {
    const total = (sum[word] ?? 0) - view.getUint32(offset + word * 4, true) - borrow;
    sum[word] = total;
    borrow = total < 0 ? 1 : 0;
  }
}

/** The 32 little-endian bytes of a sum. */
export function sumToBytes(sum: Sum256): Uint8Array {
  const bytes = new Uint8Array(idBytes);
  const view = new DataView(bytes.buffer);
  for (let word = 0; word < 8; word++) view.setUint32(word * 4, sum[word] ?? 0, true);
  return bytes;
}

/**
 * The whole digest that a Negentropy fingerprint is the beginning of: sha256 of the sum and the varint of the count.
 * @param sum - 32 bytes, little-endian
 * @param count - how many ids were summed
 * @returns 32 bytes
 */
export function fingerprintDigest(sum: Uint8Array, count: number): Uint8Array {
  const suffix = encodeVarint(count);
  const message = new Uint8Array(idBytes + suffix.byteLength);
  message.set(sum);
  message.set(suffix, idBytes);
  return sha256(message);
}
