import { createCipheriv, createHash } from "node:crypto";

/**
 * Bytes that look random, and are the same for the same seed.
 * @param seed - any text
 * @param length - how many bytes
 */
export function seededBytes(seed: string, length: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  const stream = createCipheriv("aes-256-ctr", key, Buffer.alloc(16));
  return stream.update(Buffer.alloc(length));
}
