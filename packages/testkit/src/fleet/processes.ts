import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { rm } from "node:fs/promises";

const children = new Set<ChildProcess>();
const homes = new Set<string>();
const cleanUps: (() => void)[] = [];

/** Remembers a child until it is gone, so that {@link stopFleet} finds it. */
export function track(child: ChildProcess): void {
  children.add(child);
  child.once("exit", () => children.delete(child));
}

/** Remembers a folder that {@link stopFleet} removes, with the daemons that live in it. */
export function trackHome(home: string): void {
  homes.add(home);
}

/** Remembers what {@link stopFleet} has to undo once every process is gone. */
export function onCleanUp(undo: () => void): void {
  cleanUps.push(undo);
}

/**
 * Processes whose environment names a home, daemons that left their parent included. Linux only; elsewhere empty.
 * @param home - the value of their `GGEN_HOME`
 */
export function processesOf(home: string): readonly number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`GGEN_HOME=${home}`);
      } catch {
        return false;
      }
    });
}

function killAll(): void {
  for (const child of children) child.kill("SIGKILL");
  for (const home of homes) {
    for (const pid of processesOf(home)) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        continue;
      }
    }
  }
}

/** Kills every process of this test file and removes its homes. Runs by itself after the file's last test. */
export async function stopFleet(): Promise<void> {
  const ending = [...children].map((child) => new Promise((resolve) => child.once("exit", resolve)));
  killAll();
  await Promise.all(ending);
  for (const home of homes) await rm(home, { recursive: true, force: true, maxRetries: 5 });
  homes.clear();
  cleanUp();
}

function cleanUp(): void {
  for (const undo of cleanUps.splice(0)) undo();
}

process.once("exit", () => {
  killAll();
  cleanUp();
});
// Set in the processes that run tests, not in the one that runs global setups.
if (process.env["VITEST_POOL_ID"] !== undefined) {
  const { afterAll } = await import("vitest");
  afterAll(stopFleet, 30_000);
}
