import { lstat, readdir } from "node:fs/promises";

import { GgenError, systemReason } from "@ggen/p2p-types";

import { checkAborted } from "../storage/fs-errors.ts";
import type { IgnoreRules } from "./ignore-rules.ts";
import { unsupportedEntry } from "./packed-archive.ts";
import { maxFiles } from "./path-rules.ts";
import { tooLarge } from "./read-archive.ts";

/** A regular file that belongs in the archive. */
export interface FoundFile {
  /** Relative, `/` between its parts. */
  readonly path: string;
  readonly absolute: string;
}

const fatalUtf8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The regular files of a folder, in no particular order, nothing followed.
 * @param root - a real path
 * @param maxBytes - stops as soon as the files are larger than this together
 * @throws GgenError `archive.unsupported-entry`, `archive.unreadable`, `archive.too-large`, `aborted`
 */
export async function walkDirectory(
  root: string,
  rules: IgnoreRules,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<readonly FoundFile[]> {
  const files: FoundFile[] = [];
  const pending: string[] = [""];
  let bytes = 0;
  for (let directory = pending.pop(); directory !== undefined; directory = pending.pop()) {
    checkAborted(signal);
    for (const name of await listNames(root, directory)) {
      const path = directory === "" ? name.text : `${directory}/${name.text}`;
      const absolute = `${root}/${path}`;
      const stat = await lstat(
        name.valid ? absolute : Buffer.concat([Buffer.from(`${root}/${directory}/`), name.raw]),
      ).catch((error: unknown) => {
        throw unreadable(path, error);
      });
      if (rules.ignores(path, stat.isDirectory())) continue;
      if (!name.valid) throw unsupportedEntry(path, "a name that is not UTF-8");
      if (stat.isDirectory()) {
        pending.push(path);
        continue;
      }
      if (!stat.isFile()) throw unsupportedEntry(path, kindOf(stat));
      files.push({ path, absolute });
      bytes += stat.size;
      if (bytes > maxBytes) throw tooLarge(bytes, maxBytes, path);
      if (files.length > maxFiles) throw unsupportedEntry(path, `more than ${maxFiles} files`);
    }
  }
  return files;
}

interface EntryName {
  readonly raw: Buffer;
  readonly text: string;
  readonly valid: boolean;
}

async function listNames(root: string, directory: string): Promise<readonly EntryName[]> {
  const raws = await readdir(`${root}/${directory}`, { encoding: "buffer" }).catch((error: unknown) => {
    throw unreadable(directory === "" ? root : directory, error);
  });
  return raws.map((raw) => {
    try {
      return { raw, text: fatalUtf8.decode(raw), valid: true };
    } catch {
      return { raw, text: raw.toString("utf8"), valid: false };
    }
  });
}

function kindOf(stat: Awaited<ReturnType<typeof lstat>>): string {
  if (stat.isSymbolicLink()) return "a symbolic link";
  if (stat.isSocket()) return "a socket";
  if (stat.isFIFO()) return "a named pipe";
  if (stat.isBlockDevice() || stat.isCharacterDevice()) return "a device";
  return "not a regular file";
}

/** The refusal of something that cannot be read. */
export function unreadable(path: string, error: unknown): GgenError {
  return new GgenError("archive.unreadable", `${path} cannot be read`, {
    expected: "files and folders that this user may read",
    got: systemReason(error),
    data: { path },
    cause: error,
  });
}
