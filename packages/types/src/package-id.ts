import { sha256 } from "./crypto/hash.ts";
import { GgenError } from "./errors.ts";

const idPattern = /^[A-Za-z0-9_-](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;
const windowsDevice = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)/i;

/** Longest package id in characters. */
export const maxPackageIdLength = 100;

/**
 * Whether a text is a package id: `[A-Za-z0-9._-]`, 1-100 characters, no leading or trailing dot, no Windows device name.
 */
export function isPackageId(text: string): boolean {
  return idPattern.test(text) && !windowsDevice.test(text);
}

/**
 * The form in which ids are compared, keyed and stored: lower case.
 * @throws GgenError `id.invalid`
 */
export function normalizePackageId(text: string): string {
  if (!isPackageId(text)) {
    throw new GgenError("id.invalid", `"${text.slice(0, 120)}" is not a package id`, {
      expected: `1-${maxPackageIdLength} characters of A-Z a-z 0-9 . _ -, no leading or trailing dot, no Windows device name`,
      got: text.length > maxPackageIdLength ? `${text.length} characters` : JSON.stringify(text.slice(0, 120)),
    });
  }
  return text.toLowerCase();
}

const keyDomain = new TextEncoder().encode("ggen/pkg/v1\0");

/**
 * The DHT key under which holders of a package are found: sha256 of `"ggen/pkg/v1\0"` + lower-case id.
 * @param id - a package id, any case
 * @returns 32 bytes; as a CID it is CIDv1, codec raw, sha2-256
 */
export function packageKey(id: string): Uint8Array {
  const name = new TextEncoder().encode(normalizePackageId(id));
  const bytes = new Uint8Array(keyDomain.length + name.length);
  bytes.set(keyDomain);
  bytes.set(name, keyDomain.length);
  return sha256(bytes);
}
