import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import { join } from "node:path";

import { ggen, treeFiles } from "@ggen/testkit";

/** The package that is installed and updated. */
export const id = "io.example.killed";

/** Files as `treeFiles` describes them. */
export type Tree = Readonly<Record<string, string>>;

/** A home and a project, to be copied for every kill. */
export interface Template {
  readonly home: string;
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What is where a command was killed. */
interface Found {
  /** The version that the project's link names; undefined when there is no link. */
  readonly installed: string | undefined;
  readonly locked: string | undefined;
  readonly faults: readonly string[];
}

/** What `cache verify` finds wrong. */
export async function damage({ home, project }: Template): Promise<readonly string[]> {
  const { code, stdout } = await ggen(home, ["cache", "verify", "--json"], { cwd: project });
  return code === 0 ? [] : [`the store is not whole: ${stdout}`];
}

/**
 * Looks at what is installed and locked.
 * @param trees - what each version must be
 */
export async function look({ project }: Template, trees: ReadonlyMap<string, Tree>): Promise<Found> {
  const target = join(project, ".ggen", "packages");
  const faults: string[] = [];
  const visible = existsSync(target) ? readdirSync(target).filter((name) => name !== ".store") : [];
  let installed: string | undefined;
  for (const name of visible) {
    installed = /@(\d+\.\d+\.\d+)-/.exec(readlinkSync(join(target, name)))?.[1];
    const found = await treeFiles(realpathSync(join(target, name))).catch(String);
    if (name !== id || JSON.stringify(found) !== JSON.stringify(trees.get(installed ?? "")))
      faults.push(`${name} is not ${installed} whole: ${JSON.stringify(found)}`);
  }
  const lockfile = join(project, "ggen.lock");
  const text = existsSync(lockfile) ? readFileSync(lockfile, "utf8") : undefined;
  if (text !== undefined && !text.endsWith("\ndependencies = []\n")) faults.push(`the lockfile is cut off: ${text}`);
  return { installed, locked: versionIn(text), faults };
}

function versionIn(lockfile: string | undefined): string | undefined {
  return /^version = "(.*)"$/m.exec(lockfile ?? "")?.[1];
}

/** Versions that lockfiles name which were written, but did not get their name any more. */
export function aheadOf(project: string): readonly string[] {
  return readdirSync(project)
    .filter((name) => name.startsWith("ggen.lock."))
    .map((name) => versionIn(readFileSync(join(project, name), "utf8")) ?? "nothing");
}

/** What a killed run left and the next one did not remove. */
export function residue({ home, project }: Template): readonly string[] {
  const target = join(project, ".ggen", "packages");
  if (!existsSync(join(target, id))) return [];
  const current = readlinkSync(join(target, id)).slice(".store/".length);
  return [
    ...readdirSync(project).filter((name) => name !== ".ggen" && name !== "ggen.lock"),
    ...readdirSync(join(target, ".store")).filter((name) => name !== current && name !== `${current}.json`),
    ...readdirSync(join(home, "store", "tmp")),
  ];
}
