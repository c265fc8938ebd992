import type { Package } from "@ggen/p2p-types";

import type { Release, SignedRelease } from "../rules/publisher-state.ts";

/** What a release says of its package; its status is kept beside it, because that one changes. */
export function toPackage({ id: operation, operation: release }: SignedRelease): Package {
  const { title, ...manifest } = release.manifest;
  return {
    ...manifest,
    id: release.id,
    name: title,
    version: release.version,
    publisher: release.publisher,
    cid: release.content.cid,
    size: release.content.size,
    checksum: `sha256:${release.content.sha256}`,
    releasedAt: release.time,
    operation,
  };
}

/** A row of the table `releases`. */
export interface ReleaseRow {
  readonly document: string;
  readonly status: Release["status"];
  readonly yank: string | null;
}

/** The package in a row, with its present status. */
export function fromRow(row: ReleaseRow): Package {
  const document = JSON.parse(row.document) as Package;
  return {
    ...document,
    ...(row.yank === null ? {} : { yanked: { reason: row.yank } }),
    ...(row.status === "conflicted" ? { conflicted: true } : {}),
  };
}
