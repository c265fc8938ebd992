import { join, resolve } from "node:path";

import { resolveHome } from "@ggen/p2p-config";
import { findProjectRoot } from "@ggen/p2p-gpack";

import type { Environment } from "../node/home.ts";

/** Where packages are installed, and which lockfile knows of it. */
export interface InstallPlace {
  /** Absolute path of the folder that gets `ID` folders. */
  readonly target: string;
  /** Absolute path of `ggen.lock`; absent when no project is concerned. */
  readonly lockfile?: string;
}

/**
 * The folder that a command about installed packages works on: the named one, the global one, or that of the nearest
 * project, and the global one where there is no project.
 * @param options - the flags, the environment, and where the search for a project begins
 */
export async function resolveTarget(options: {
  readonly target?: string | undefined;
  readonly global?: boolean | undefined;
  readonly env: Environment;
  readonly cwd?: string;
}): Promise<InstallPlace> {
  const { target, env, cwd = process.cwd() } = options;
  const home = resolveHome(env);
  if (target !== undefined) {
    const folder = resolve(cwd, target);
    const root = await findProjectRoot(folder, { home });
    return { target: folder, ...(root === undefined ? {} : { lockfile: join(root, "ggen.lock") }) };
  }
  const root = options.global === true ? undefined : await findProjectRoot(cwd, { home });
  if (root === undefined) return { target: join(home, "packages") };
  return { target: join(root, ".ggen", "packages"), lockfile: join(root, "ggen.lock") };
}
