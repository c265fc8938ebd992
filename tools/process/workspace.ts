import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A member of the workspace. */
export interface Member {
  readonly name: string;
  readonly version: string;
  /** Relative to the root, with `/`. */
  readonly folder: string;
  readonly directory: string;
  /** Whether it may be published. */
  readonly publishable: boolean;
  readonly scripts: Readonly<Record<string, string>>;
}

/** Absolute path of the workspace. */
export const root: string = join(import.meta.dirname, "..", "..");

interface ManifestJson {
  readonly name: string;
  readonly version?: string;
  readonly private?: boolean;
  readonly scripts?: Readonly<Record<string, string>>;
}

function foldersIn(parent: string): string[] {
  const directory = join(root, parent);
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .sort()
    .map((name) => `${parent}/${name}`);
}

/** All members, lower layers before higher ones as far as their folders tell, end-to-end tests last. */
export function listMembers(): Member[] {
  const folders = [...foldersIn("packages"), ...foldersIn("apps"), "tools", "bench", ...foldersIn("examples"), "e2e"];
  return folders.flatMap((folder) => {
    const directory = join(root, folder);
    const file = join(directory, "package.json");
    if (!existsSync(file)) return [];
    const manifest = JSON.parse(readFileSync(file, "utf8")) as ManifestJson;
    return [
      {
        name: manifest.name,
        version: manifest.version ?? "0.0.0",
        folder,
        directory,
        publishable: manifest.private !== true,
        scripts: manifest.scripts ?? {},
      },
    ];
  });
}
