import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from "node:crypto";

import { setBounded } from "./bounded-map.ts";
import { hasCanonicalY, isReducedScalar, isSmallOrder } from "./edwards25519.ts";
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

/** Whether 32 bytes may be a public key here: canonical y, not of small order. */
export function isAcceptablePublicKey(key: Uint8Array): boolean {
  if (key.byteLength !== publicKeyLength) return false;
  return hasCanonicalY(key) && !isSmallOrder(key);
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
      // Bytes that are no point: refused, and remembered as such.
    }
  }
  setBounded(keys, cacheLimit, name, key);
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
  if (!isReducedScalar(signature.subarray(32)) || isSmallOrder(signature.subarray(0, 32))) return false;
  const key = keyObject(publicKey);
  if (key === undefined) return false;
  try {
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
