import { join } from "node:path";

import { GgenError, systemReason } from "@ggen/p2p-types";
import ignore from "ignore";

import { readBounded } from "../storage/bounded-read.ts";
import { systemCode } from "../storage/fs-errors.ts";
import { isReservedName } from "./path-rules.ts";
import { unsupportedEntry } from "./packed-archive.ts";

/** The name of the file with patterns of what stays out of the archive. */
export const ignoreFileName = ".ggenignore";

const maxIgnoreBytes = 256 * 1024;

/** Says what stays out of an archive. */
export interface IgnoreRules {
  /**
   * @param path - relative to the package, `/` between its parts
   * @param directory - whether it is a folder; one that stays out is not looked into
   */
  ignores(path: string, directory: boolean): boolean;
}

/**
 * The rules of a package folder: `.git` and `node_modules` at any depth, `.ggen` (what is installed for the project) at
 * its root, and the gitignore patterns of its `.ggenignore`.
 * @param root - the package's folder
 * @throws GgenError `archive.unreadable`, `archive.unsupported-entry`
 */
export async function readIgnoreRules(root: string): Promise<IgnoreRules> {
  const matcher = ignore({ ignorecase: false, allowRelativePaths: true });
  matcher.add(await readPatterns(join(root, ignoreFileName)));
  return {
    ignores(path, directory) {
      const name = path.slice(path.lastIndexOf("/") + 1);
      if (isReservedName(name) || path === ".ggen") return true;
      return matcher.ignores(directory ? `${path}/` : path);
    },
  };
}

async function readPatterns(path: string): Promise<string> {
  const read = await readBounded(path, maxIgnoreBytes).catch((error: unknown) => {
    const code = systemCode(error);
    if (code === "ENOENT") return undefined;
    if (code === "ELOOP") throw unsupportedEntry(ignoreFileName, "a symbolic link");
    throw new GgenError("archive.unreadable", `${path} cannot be read`, {
      expected: "a file that this user may read",
      got: systemReason(error),
      cause: error,
    });
  });
  if (read === undefined) return "";
  if (read.kind === "not-a-file") throw unsupportedEntry(ignoreFileName, "not a regular file");
  if (read.kind === "too-large") throw unsupportedEntry(ignoreFileName, `over ${maxIgnoreBytes} bytes`);
  return new TextDecoder().decode(read.bytes);
}
