import { readFileSync } from "node:fs";

import { type Clock, GgenError } from "@ggen/p2p-types";

/** Whether a process runs. One that ended and that nobody has waited for yet does not. */
export function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    // No /proc on this system, or gone this very moment: the next look decides.
    return true;
  }
}

/**
 * Waits until a process is gone.
 * @param pid - its id
 * @param timeoutMs - how long
 * @param clock - for the waiting
 * @param signal - cancels
 * @throws GgenError `control.unreachable` when it still runs
 */
export async function waitForExit(pid: number, timeoutMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  const end = clock.monotonic() + timeoutMs;
  while (isProcessRunning(pid)) {
    if (clock.monotonic() >= end) {
      throw new GgenError("control.unreachable", `The node (process ${pid}) was told to stop and still runs`, {
        expected: `its end within ${timeoutMs / 1000} s`,
        hint: `End it: kill -9 ${pid}. Nothing that it said was stored is lost.`,
        data: { pid },
      });
    }
    await clock.sleep(30, signal);
  }
}
