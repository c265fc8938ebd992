import { join } from "node:path";

import { GgenError } from "@ggen/p2p-types";

import { unsupportedEntry } from "../archive/packed-archive.ts";
import { type BoundedRead, readBounded } from "../storage/bounded-read.ts";
import { systemCode } from "../storage/fs-errors.ts";
import { manifestFileNames, maxManifestBytes, type PackageManifest, parseManifest } from "./parse-manifest.ts";
import { decodeText, tooLong } from "./toml.ts";

/**
 * Reads the manifest of a package folder: its gpack.toml, or else its package.toml.
 * @param directory - the package's folder
 * @throws GgenError `manifest.missing`, `manifest.invalid`, `archive.unreadable`, `archive.unsupported-entry`
 */
export async function readManifest(directory: string): Promise<PackageManifest> {
  for (const name of manifestFileNames) {
    const path = join(directory, name);
    const read = await open(path, name);
    if (read === undefined) continue;
    if (read.kind === "not-a-file") throw unsupportedEntry(name, "not a regular file");
    if (read.kind === "too-large") throw tooLong(path, "manifest.invalid", maxManifestBytes);
    return parseManifest(decodeText(read.bytes, path, "manifest.invalid"), path);
  }
  throw new GgenError("manifest.missing", `${directory} has no manifest`, {
    expected: manifestFileNames.join(" or "),
    got: "neither",
    data: { directory },
  });
}

async function open(path: string, name: string): Promise<BoundedRead | undefined> {
  try {
    return await readBounded(path, maxManifestBytes);
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    if (code === "ELOOP") throw unsupportedEntry(name, "a symbolic link");
    throw new GgenError("archive.unreadable", `${path} cannot be read`, {
      got: code ?? String(error),
      data: { path: name },
      cause: error,
    });
  }
}
