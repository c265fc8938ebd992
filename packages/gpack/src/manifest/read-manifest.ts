import { stat } from "node:fs/promises";
import { join } from "node:path";

import { GgenError, systemReason } from "@ggen/p2p-types";

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
  throw await missing(directory);
}

/** The refusal of a folder without manifest; people most often mistype the folder itself. */
async function missing(directory: string): Promise<GgenError> {
  const found = await stat(directory).catch(() => undefined);
  const data = { directory };
  if (found?.isDirectory() === true) {
    const expected = manifestFileNames.join(" or ");
    return new GgenError("manifest.missing", `${directory} has no manifest`, { expected, got: "neither", data });
  }
  const what = found === undefined ? "does not exist" : "is not a folder";
  return new GgenError("manifest.missing", `${directory} ${what}`, {
    expected: `a folder that holds ${manifestFileNames.join(" or ")}`,
    got: found === undefined ? "nothing at this path" : "a file",
    hint: "Name the package's folder, not one of its files.",
    data,
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
      expected: "a file that this user may read",
      got: systemReason(error),
      data: { path: name },
      cause: error,
    });
  }
}
