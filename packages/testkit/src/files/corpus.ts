import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";

import { parse } from "smol-toml";

/** A folder of a corpus that can be published. */
export interface PublishableFolder {
  /** Absolute. */
  readonly path: string;
  /** The folder's name. */
  readonly name: string;
  readonly id: string;
  readonly version: string;
}

/** A folder of a corpus that cannot. */
export interface RefusedFolder {
  readonly path: string;
  readonly name: string;
  readonly reason: "no-manifest" | "not-toml" | "incomplete";
}

/**
 * Sorts the folders of a corpus by its own reading of their manifests, independent of the product's.
 * @param corpus - absolute path: package folders directly below it, or below its `packages` and `gpacks`
 */
export function publishableFolders(corpus: string): {
  readonly publishable: readonly PublishableFolder[];
  readonly refused: readonly RefusedFolder[];
} {
  const nested = ["packages", "gpacks"].map((name) => join(corpus, name)).filter((path) => existsSync(path));
  const folders = (nested.length === 0 ? [corpus] : nested).flatMap((parent) =>
    readdirSync(parent, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(parent, entry.name))
      .sort(),
  );
  const publishable: PublishableFolder[] = [];
  const refused: RefusedFolder[] = [];
  for (const path of folders) {
    const result = readFolder(path);
    if (typeof result === "string") refused.push({ path, name: basename(path), reason: result });
    else publishable.push(result);
  }
  return { publishable, refused };
}

function readFolder(path: string): PublishableFolder | RefusedFolder["reason"] {
  const file = ["gpack.toml", "package.toml"].map((name) => join(path, name)).find((name) => existsSync(name));
  if (file === undefined) return "no-manifest";
  let table: Record<string, unknown>;
  try {
    table = parse(readFileSync(file, "utf8"));
  } catch {
    return "not-toml";
  }
  const section = (table["gpack"] ?? table["package"] ?? {}) as Record<string, unknown>;
  const id = section["id"] ?? section["name"];
  const { version } = section;
  if (typeof id !== "string" || typeof version !== "string") return "incomplete";
  return { path, name: basename(path), id, version };
}
