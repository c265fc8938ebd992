import { createHash } from "node:crypto";

import { type Package, sha256, toHex, toPublisherId } from "@ggen/p2p-types";

/** A publisher id that is valid, and the same in every run. */
export function publisherId(seed: string): string {
  return toPublisherId(toHex(sha256(new TextEncoder().encode(seed))));
}

export const alice: string = publisherId("alice");
export const mallory: string = publisherId("mallory");

/** Bytes that compress a little, the same in every run. */
export function contentOf(seed: string, size: number): Buffer {
  const block = createHash("sha256").update(seed).digest();
  const bytes = Buffer.alloc(size, block);
  for (let at = 0; at < size; at += 97) bytes[at] = (at * 31) & 0xff;
  return bytes;
}

/** A package with every field that it must have. */
export function makePackage(overrides: Partial<Package> & { readonly id: string }, content: Buffer): Package {
  const digest = createHash("sha256").update(content).digest("hex");
  return {
    name: overrides.id,
    version: "1.0.0",
    description: `What ${overrides.id} is for`,
    tags: [],
    keywords: [],
    authors: [],
    dependencies: {},
    requires: [],
    publisher: alice,
    cid: `b${digest}`,
    size: content.length,
    checksum: `sha256:${digest}`,
    releasedAt: 1_790_000_000,
    operation: digest,
    ...overrides,
  };
}
