import type { Package } from "@ggen/p2p-types";

import { bareManifest } from "../bare-manifest.ts";

const { title: name, ...manifest } = bareManifest;

/** Whose releases these are. */
export const publisher = `ggen1${"a".repeat(52)}`;

/** A release as the catalogue would give it out; its operation is named after its version. */
export function releaseOf(version: string, given: Partial<Package> = {}): Package {
  return {
    id: "io.example.tool-kit",
    name,
    version,
    publisher,
    ...manifest,
    cid: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    size: 1024,
    checksum: `sha256:${version}`,
    releasedAt: 1_760_000_000,
    operation: `operation of ${version}`,
    ...given,
  };
}
