import { hash } from "node:crypto";

/** sha2-256 of some bytes: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(hash("sha256", bytes, "buffer"));
}

/** Bytes as lower-case hexadecimal. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("hex");
}

/**
 * Hexadecimal as bytes.
 * @throws RangeError when the text is not an even number of hexadecimal digits
 */
export function fromHex(text: string): Uint8Array {
  if (text.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(text))
    throw new RangeError(`not hexadecimal: ${text.slice(0, 80)}`);
  return new Uint8Array(Buffer.from(text, "hex"));
}

/** Whether two byte strings are equal (not in constant time: nothing here is secret). */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && Buffer.compare(a, b) === 0;
}
