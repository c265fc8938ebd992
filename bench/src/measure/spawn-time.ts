import { spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Milliseconds from spawning a process to its end, output thrown away.
 *
 * @throws Error when it ends with another exit status than expected
 */
export async function spawnTimeMs(
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string; readonly exitCode?: number } = {},
): Promise<number> {
  const since = performance.now();
  const child = spawn(command, args, { env: options.env, cwd: options.cwd, stdio: "ignore" });
  const [code] = (await once(child, "close")) as [number | null];
  const durationMs = performance.now() - since;
  if (code !== (options.exitCode ?? 0)) throw new Error(`${command} ${args.join(" ")} ended with exit status ${code}`);
  return durationMs;
}
