import type { SQLOutputValue } from "node:sqlite";

import { decodeEnvelope, type Package } from "@ggen/p2p-types";

import type { SignedRelease } from "../rules/publisher-state.ts";
import { fromStored } from "../stored/stored-envelope.ts";

/** What a release says of its package; its status is not part of it, because that one changes. */
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

/** The release in a stored envelope. @throws RangeError when it is one of another operation */
export function releaseIn(envelope: Uint8Array): SignedRelease {
  const { signed } = decodeEnvelope(envelope);
  const { operation } = signed;
  if (operation.type !== "release") throw new RangeError(`${signed.id} is no release`);
  return { ...signed, operation };
}

/** What a stored envelope of a release says of its package. @throws RangeError when it is one of another operation */
export function packageIn(envelope: Uint8Array): Package {
  return toPackage(releaseIn(envelope));
}

/**
 * The package in a row of `releases` with its stored envelope, with its present status; undefined when the record was
 * damaged.
 */
export function fromRow(row: Readonly<Record<string, SQLOutputValue>>): Package | undefined {
  const envelope = fromStored(row);
  if (envelope === undefined) return undefined;
  const yank = row["yank"];
  return withStatus(packageIn(envelope), {
    status: String(row["status"]),
    yank: typeof yank === "string" ? yank : null,
  });
}

/** A package with its present status. */
export function withStatus(document: Package, row: { readonly status: string; readonly yank: string | null }): Package {
  if (row.yank === null && row.status !== "conflicted") return document;
  return {
    ...document,
    ...(row.yank === null ? {} : { yanked: { reason: row.yank } }),
    ...(row.status === "conflicted" ? { conflicted: true } : {}),
  };
}
