import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

import { root } from "../process/workspace.ts";

/**
 * Copies the workspace, as it is on disk and without what git ignores, so that mutants never stand in the real sources.
 * @param target - an empty folder
 */
export function copyWorkspace(target: string): void {
  const listed = spawnSync("git", ["ls-files", "-co", "--exclude-standard", "-z"], { cwd: root, maxBuffer: 1 << 26 });
  const files = listed.stdout
    .toString("utf8")
    .split("\0")
    .filter((file) => /^(?:packages|docs|examples)\/|^[^/]+$/.test(file));
  for (const file of files) {
    const [from, to] = [join(root, file), join(target, file)];
    if (!existsSync(from)) continue;
    mkdirSync(dirname(to), { recursive: true });
    cpSync(from, to);
  }
  symlinkSync(join(root, "node_modules"), join(target, "node_modules"), "junction");
  for (const folder of new Set(files.map((file) => file.split("/").slice(0, 2).join("/")))) {
    const modules = join(root, folder, "node_modules");
    // Links between packages are relative: in the copy they lead to the copies.
    if (existsSync(modules))
      cpSync(modules, join(target, folder, "node_modules"), { recursive: true, verbatimSymlinks: true });
  }
}
