import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, readdir, readlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

/** Which paths of a tree count; paths are relative with `/`. */
export type PathFilter = (path: string) => boolean;

/**
 * Every file of a folder with a hash of its content, for comparisons whose failure names the file.
 * @param folder - absolute path
 * @param include - whether a file or folder counts; a folder that does not hides all below it
 * @returns relative path with `/` → `sha256:…`, with `+x` when its owner may execute it; a link → `link:TARGET`
 */
export async function treeFiles(folder: string, include: PathFilter = () => true): Promise<Record<string, string>> {
  const files: [string, string][] = [];
  const walk = async (prefix: string): Promise<void> => {
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
      const path = prefix === "" ? entry.name : `${prefix}/${entry.name}`;
      if (!include(path)) continue;
      if (entry.isDirectory()) await walk(path);
      else files.push([path, await describeFile(join(folder, path))]);
    }
  };
  await walk("");
  return Object.fromEntries(files.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * One hash over every path, content and executable bit below a folder: equal exactly when the trees are.
 * @param folder - absolute path
 * @param include - as in {@link treeFiles}
 * @returns 64 hexadecimal digits
 */
export async function treeDigest(folder: string, include?: PathFilter): Promise<string> {
  const files = await treeFiles(folder, include);
  return createHash("sha256")
    .update(JSON.stringify(Object.entries(files)))
    .digest("hex");
}

async function describeFile(path: string): Promise<string> {
  const stat = await lstat(path);
  if (stat.isSymbolicLink()) return `link:${await readlink(path)}`;
  if (!stat.isFile()) return "special";
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return `sha256:${hash.digest("hex")}${(stat.mode & 0o100) === 0 ? "" : "+x"}`;
}
