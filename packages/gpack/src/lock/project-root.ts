import { lstat, realpath } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

const markers = ["ggen.lock", "ggen.toml", "gpack.toml"];

/**
 * The nearest folder upwards, `cwd` included, that is a project: it holds ggen.lock, ggen.toml or gpack.toml, or a `.ggen`
 * folder. A `.ggen` that is the ggen home is not a project's: otherwise every folder below the user's would belong to one
 * project, the user's home.
 * @param cwd - absolute, or relative to the process's folder
 * @param options - `home`: the ggen home (`GGEN_HOME`); a `.ggen` that holds a node's `identity.key` or `config.toml` is
 * taken for one too
 * @returns undefined when there is none up to the root
 */
export async function findProjectRoot(
  cwd: string,
  options: { readonly home?: string } = {},
): Promise<string | undefined> {
  const home = options.home === undefined ? undefined : await real(options.home);
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    for (const marker of markers) {
      if (await exists(join(directory, marker))) return directory;
    }
    const own = join(directory, ".ggen");
    if ((await exists(own)) && !(await isHome(own, home))) return directory;
    if (dirname(directory) === directory) return undefined;
  }
}

async function isHome(path: string, home: string | undefined): Promise<boolean> {
  if (home !== undefined && (await real(path)) === home) return true;
  return (await exists(join(path, "identity.key"))) || (await exists(join(path, "config.toml")));
}

async function real(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
