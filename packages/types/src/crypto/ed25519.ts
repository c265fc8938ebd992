import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

import { toHex } from "./hash.ts";

/** Bytes of an Ed25519 public key. */
export const publicKeyLength = 32;
/** Bytes of an Ed25519 signature. */
export const signatureLength = 64;

/** Something that signs with one Ed25519 key. */
export interface Signer {
  /** 32 bytes. */
  readonly publicKey: Uint8Array;
  /** @returns 64 bytes */
  sign(message: Uint8Array): Uint8Array;
}

const pkcs8Prefix = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiPrefix = Buffer.from("302a300506032b6570032100", "hex");

/**
 * A signer from its 32-byte seed (RFC 8032 private key).
 * @throws RangeError when the seed is not 32 bytes
 */
export function createSigner(seed: Uint8Array): Signer {
  if (seed.byteLength !== 32) throw new RangeError(`an Ed25519 seed has 32 bytes, got ${seed.byteLength}`);
  const key = createPrivateKey({ key: Buffer.concat([pkcs8Prefix, seed]), format: "der", type: "pkcs8" });
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  return {
    publicKey: new Uint8Array(spki.subarray(spkiPrefix.length)),
    sign: (message) => new Uint8Array(sign(null, message, key)),
  };
}

/**
 * The points of small order and every non-canonical spelling of them, in hexadecimal without the sign bit: a key among
 * them has signatures that are valid for many messages.
 * @see https://www.rfc-editor.org/rfc/rfc8032 section 5.1.7; "Taming the many EdDSAs" (Chalkias et al., 2020), table 1
 */
const smallOrder = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
]);

const fieldPrime = 2n ** 255n - 19n;
const groupOrder = 2n ** 252n + 27742317777372353535851937790883648493n;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`);
}

/** Whether 32 bytes may be a public key here: canonical y, not of small order. */
export function isAcceptablePublicKey(key: Uint8Array): boolean {
  if (key.byteLength !== publicKeyLength) return false;
  const unsigned = key.slice();
  unsigned[31] = (unsigned[31] ?? 0) & 0x7f;
  if (littleEndian(unsigned) >= fieldPrime) return false;
  return !smallOrder.has(toHex(unsigned));
}

const cacheLimit = 4096;
const keys = new Map<string, KeyObject | undefined>();

function keyObject(publicKey: Uint8Array): KeyObject | undefined {
  const name = toHex(publicKey);
  if (keys.has(name)) return keys.get(name);
  let key: KeyObject | undefined;
  if (isAcceptablePublicKey(publicKey)) {
    try {
      key = createPublicKey({ key: Buffer.concat([spkiPrefix, publicKey]), format: "der", type: "spki" });
    } catch {
      key = undefined;
    }
  }
  if (keys.size >= cacheLimit) keys.delete(keys.keys().next().value ?? name);
  keys.set(name, key);
  return key;
}

/**
 * Verifies an Ed25519 signature: the one verifier of the family. Small-order and non-canonical keys and malleable
 * signatures (S not below the group order) are refused whatever the library underneath accepts.
 * @param publicKey - 32 bytes
 * @param message - what was signed
 * @param signature - 64 bytes
 * @returns false for anything that is not a valid signature; never throws
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  if (signature.byteLength !== signatureLength) return false;
  // Only an S with its top bits set can reach the group order, so the big-integer comparison is almost never needed.
  if ((signature[63] ?? 0) >= 0x10 && littleEndian(signature.subarray(32)) >= groupOrder) return false;
  const point = signature.slice(0, 32);
  point[31] = (point[31] ?? 0) & 0x7f;
  if (smallOrder.has(toHex(point))) return false;
  const key = keyObject(publicKey);
  if (key === undefined) return false;
  try {
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
