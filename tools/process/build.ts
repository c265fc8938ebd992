import { elapsed } from "./duration.ts";
import { runCommand } from "./run-command.ts";
import { root } from "./workspace.ts";

/** Builds every package and app, from cache where nothing changed. Says why when it fails. */
export async function buildWorkspace(signal?: AbortSignal): Promise<boolean> {
  const since = performance.now();
  console.log("▸ Building");
  const result = await runCommand("turbo", ["run", "build", "--output-logs=errors-only"], { cwd: root, signal });
  if (result.code === 0) {
    console.log(`✓ Building (${elapsed(since)})`);
    return true;
  }
  if (signal?.aborted === true) return false;
  console.error(result.output);
  console.error("Error: the build failed\n  → fix the errors above, then run the same command again");
  return false;
}
