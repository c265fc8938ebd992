import { createHash } from "node:crypto";

import { manifest, writePackage } from "../test/support/packages.ts";
import { seededBytes } from "../test/support/random-files.ts";

/** A release that was published, or was to be. */
export interface Attempt {
  readonly id: string;
  readonly version: string;
  /** Each file as `treeFiles` describes it, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** What the node answered; absent when it did not. */
  checksum?: string;
}

const sha256 = (text: string): string => `sha256:${createHash("sha256").update(text).digest("hex")}`;

/** `id@version`. */
export function nameOf({ id, version }: Pick<Attempt, "id" | "version">): string {
  return `${id}@${version}`;
}

/**
 * Writes a package whose data is its own, so that no two share a chunk of it.
 * @param folder - absolute path, made when it is missing
 * @param dataBytes - random bytes in it; in base64 they are a third more
 */
export function writeRelease(
  folder: string,
  { id, version }: Pick<Attempt, "id" | "version">,
  dataBytes: number,
): Attempt {
  const data = seededBytes(`${id}@${version}`, dataBytes).toString("base64");
  const files = { "docs/notes.txt": `notes of ${version}\n`, "data.txt": data };
  writePackage(folder, id, { version, files });
  const all = { ...files, "gpack.toml": manifest(id, version) };
  return { id, version, files: Object.fromEntries(Object.entries(all).map(([path, text]) => [path, sha256(text)])) };
}
