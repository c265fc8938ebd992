import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { isAbsolute, join } from "node:path";

import { GgenError } from "@ggen/p2p-types";

/** Longest path of a unix socket in bytes: `sun_path` less its final zero. */
export const maxSocketPathBytes: number = process.platform === "darwin" ? 103 : 107;

/**
 * Where the daemon of a home listens for its own user: in the home when that is short enough, otherwise in a private
 * directory of the runtime or temporary directory, named by a hash of the home. Touches no file.
 * @param home - absolute path of GGEN_HOME
 * @param env - `XDG_RUNTIME_DIR` and `TMPDIR` are read
 * @throws GgenError `control.path-too-long`
 */
export function controlSocketPath(home: string, env: Readonly<Record<string, string | undefined>>): string {
  const hash = createHash("sha256").update(home).digest("hex").slice(0, 16);
  if (process.platform === "win32") return `\\\\.\\pipe\\ggen-${hash}`;
  const user = process.getuid?.() ?? 0;
  const runtime = env["XDG_RUNTIME_DIR"];
  const candidates = [
    join(home, "run", "control.sock"),
    ...(runtime !== undefined && isAbsolute(runtime) ? [join(runtime, `ggen-${hash}`, "control.sock")] : []),
    join(env["TMPDIR"] || tmpdir(), `ggen-${user}-${hash}`, "control.sock"),
  ];
  const path = candidates.find((candidate) => Buffer.byteLength(candidate) <= maxSocketPathBytes);
  if (path === undefined) {
    throw new GgenError("control.path-too-long", `No directory for the control socket of ${home} is short enough`, {
      expected: `a path of at most ${maxSocketPathBytes} bytes`,
      got: `${Buffer.byteLength(candidates[0] ?? "")} bytes`,
    });
  }
  return path;
}
