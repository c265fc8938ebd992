import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { trackHome } from "./processes.ts";

/** Nodes of different tests on one machine must not find each other unless a test is about that. */
const quietConfig = "[network]\nmdns = false\n";

/**
 * Makes an empty `GGEN_HOME` with a path short enough for a socket; removed after the test file.
 * @param options - `config`: the text of its `config.toml`; when absent, one that turns mDNS off. `name`: a path below
 *   the temporary folder, for homes with spaces or long paths
 */
export function createHome(options: { readonly config?: string; readonly name?: string } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), "gg-"));
  const home = join(folder, options.name ?? "");
  trackHome(folder);
  if (home !== folder) trackHome(home);
  mkdirSync(join(home, "user"), { recursive: true });
  writeFileSync(join(home, "config.toml"), options.config ?? quietConfig);
  return home;
}

/**
 * The environment of a ggen process: this one's, without anything that would change what ggen does.
 * @param home - its `GGEN_HOME`
 * @param extra - added last
 */
export function homeEnvironment(home: string, extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(?:GGEN_|RUST_LOG$|NODE_OPTIONS$|VITEST|FORCE_COLOR$|XDG_)/.test(name),
  );
  return {
    ...(Object.fromEntries(kept) as Record<string, string>),
    GGEN_HOME: home,
    HOME: join(home, "user"),
    // One for all: compiling what is run anew for every home would be most of a test.
    XDG_CACHE_HOME: join(tmpdir(), `ggen-test-cache-${process.getuid?.() ?? 0}`),
    NO_COLOR: "1",
    ...extra,
  };
}
