/** Longest path in an archive, in bytes. */
export const maxPathBytes = 240;
/** Most files in an archive. */
export const maxFiles = 100_000;
/** Most folders that the paths of an archive may imply: extraction makes one inode for each. */
export const maxDirectories = 100_000;

const unprintable = /[^\u0020-\u007e]/;
// What Windows cannot have in a name, and the two characters that mean something in its paths.
const unportable = /[\\:<>"|?*]/;
// Windows also opens the device when an extension or blanks follow its name.
const windowsDevice = /^(?:con|prn|aux|nul|com[0-9]|lpt[0-9]|conin\$|conout\$) *(?:\.|$)/i;
// `git~1` is what Windows may call `.git` in its short form. A package with its own .git could run code by a hook or a
// configured command as soon as somebody calls git inside the installed folder.
const reserved = /^(?:\.git|git~[0-9]|node_modules)$/i;

/** Whether a name never goes into an archive, at any depth: `.git` and `node_modules`. */
export function isReservedName(name: string): boolean {
  return reserved.test(name);
}

/**
 * Why a path cannot be in an archive; undefined when it can.
 * @param path - relative, `/` between its parts
 */
export function pathProblem(path: string): string | undefined {
  if (path === "") return "no characters";
  if (unprintable.test(path)) return "a character that is not printable ASCII";
  if (path.length > maxPathBytes) return `${path.length} bytes, over ${maxPathBytes}`;
  if (path.startsWith("/")) return "a slash at its beginning";
  if (unportable.test(path)) return String.raw`one of \ : < > " | ? *`;
  for (const segment of path.split("/")) {
    if (segment === "") return "an empty part between slashes";
    if (segment === "." || segment === "..") return `"${segment}" as a part`;
    if (segment.endsWith(".") || segment.endsWith(" ")) return "a part that ends in a dot or a space";
    if (windowsDevice.test(segment)) return `"${segment}", which is a device on Windows`;
    if (isReservedName(segment)) return `"${segment}" as a part`;
  }
  return undefined;
}

/** Takes the paths of one archive, one by one, and says which cannot stand beside those before. */
export interface PathSet {
  /** Why the path collides with an earlier one, or exceeds a limit; undefined (and the path is taken) when it does not. */
  add(path: string): string | undefined;
}

/**
 * Collisions on a file system that does not distinguish case: the same path twice, a file where another path has a
 * folder, and one folder in two spellings.
 */
export function createPathSet(): PathSet {
  const files = new Set<string>();
  const directories = new Map<string, string>();
  return {
    add(path) {
      const key = path.toLowerCase();
      if (files.has(key)) return "a path that is there already, letters compared without case";
      if (directories.has(key)) return "a file where another path has a folder";
      if (files.size >= maxFiles) return `more than ${maxFiles} files`;
      for (let at = path.lastIndexOf("/"); at !== -1; at = path.lastIndexOf("/", at - 1)) {
        const parent = path.slice(0, at);
        const parentKey = key.slice(0, at);
        const known = directories.get(parentKey);
        if (known === parent) break;
        if (known !== undefined) return `the folder "${known}" in another spelling`;
        if (files.has(parentKey)) return "a folder where another path has a file";
        if (directories.size >= maxDirectories) return `more than ${maxDirectories} folders`;
        directories.set(parentKey, parent);
      }
      files.add(key);
      return undefined;
    },
  };
}

/** Order of paths in an archive: by byte. */
export function comparePaths(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
