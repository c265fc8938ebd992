import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DemoError } from "./options.ts";

/**
 * Empties the demo's folder for this process alone.
 *
 * @throws DemoError while the process that claimed it before is still there
 */
export async function claimDirectory(directory: string): Promise<void> {
  const file = join(directory, "pid");
  const pid = Number(await readFile(file, "utf8").catch(() => "0"));
  if (isAlive(pid)) {
    throw new DemoError(
      `Another run (process ${pid}) uses ${directory}`,
      "end it with Ctrl-C, then run the same command again",
    );
  }
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await writeFile(file, String(process.pid));
}

/** Gives the folder up; what is in it stays to be looked at. Does nothing when another process has it. */
export async function releaseDirectory(directory: string): Promise<void> {
  const file = join(directory, "pid");
  const pid = await readFile(file, "utf8").catch(() => "");
  if (pid === String(process.pid)) await rm(file, { force: true });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
