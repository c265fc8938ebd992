import { verifySignature } from "@ggen/p2p-types";

const keyBytes = 32;
const signatureBytes = 64;
const headBytes: number = keyBytes + signatureBytes + 4;

/** A signature that is to be checked. */
export interface SignatureCheck {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  readonly message: Uint8Array;
  /** 64 bytes. */
  readonly signature: Uint8Array;
}

/** Puts checks into one buffer, which goes to another thread without being copied again. */
export function packChecks(checks: readonly SignatureCheck[]): Uint8Array<ArrayBuffer> {
  let size = 0;
  for (const { message } of checks) size += headBytes + message.byteLength;
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { publicKey, message, signature } of checks) {
    bytes.set(publicKey, at);
    bytes.set(signature, at + keyBytes);
    view.setUint32(at + keyBytes + signatureBytes, message.byteLength);
    bytes.set(message, at + headBytes);
    at += headBytes + message.byteLength;
  }
  return bytes;
}

/** Checks what {@link packChecks} put together. @returns one byte for each, 1 where the signature is valid */
export function verifyPacked(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const verdicts: number[] = [];
  for (let at = 0; at < bytes.byteLength;) {
    const message = at + headBytes;
    const end = message + view.getUint32(message - 4);
    const key = bytes.subarray(at, at + keyBytes);
    const signature = bytes.subarray(at + keyBytes, message - 4);
    verdicts.push(verifySignature(key, bytes.subarray(message, end), signature) ? 1 : 0);
    at = end;
  }
  return Uint8Array.from(verdicts);
}
