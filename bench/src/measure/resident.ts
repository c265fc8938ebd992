import { readFileSync } from "node:fs";

/**
 * Megabytes that a process holds in memory. Linux only.
 *
 * @throws Error when the process is gone, or elsewhere
 */
export function residentMegabytes(pid: number): number {
  const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"));
  if (match === null) throw new Error(`no VmRSS for process ${pid}`);
  return (Number(match[1]) * 1024) / 1e6;
}
