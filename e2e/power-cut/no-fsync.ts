import { execFileSync } from "node:child_process";
import { join } from "node:path";

/** Whether {@link buildNoFsync} can work here. */
export function hasCompiler(): boolean {
  try {
    execFileSync("g++", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Builds the library that takes fsync out of a process.
 * @param folder - gets it
 * @returns the environment that a process has to be started with
 */
export function buildNoFsync(folder: string): Record<string, string> {
  const library = join(folder, "no-fsync.so");
  const source = join(import.meta.dirname, "no-fsync.c");
  execFileSync("g++", ["-x", "c", "-shared", "-fPIC", "-O1", "-o", library, source], { timeout: 60_000 });
  return { LD_PRELOAD: library };
}
