import { randomBytes } from "node:crypto";
import { hostname } from "node:os";

/** After this long what a process began is taken for abandoned, even when the process cannot be asked. */
export const abandonedAfterMs: number = 24 * 3_600_000;

const tagPattern = /^([a-z0-9_-]{1,64})-(\d{1,10})-[0-9a-f]{8}$/;

/** This machine's name as a part of a file name: a folder may be shared with others, whose process ids mean nothing here. */
function hostTag(): string {
  return (
    hostname()
      .toLowerCase()
      .replaceAll(/[^a-z0-9_-]/g, "_")
      .slice(0, 64) || "unknown"
  );
}

/** Bytes that no other process will choose for a name beside ours. */
export function uniqueSuffix(): string {
  return randomBytes(4).toString("hex");
}

/** A part of a file name that says which process of which machine made it, and is never used twice. */
export function processTag(): string {
  return `${hostTag()}-${process.pid}-${uniqueSuffix()}`;
}

/**
 * Whether what is named by a tag was left by a process that is gone. What cannot be told is when it is a day old.
 * @param tag - as {@link processTag} makes them; anything else is nobody's
 * @param ageMs - since it was last changed, by the clock of its file system
 */
export function isLeftover(tag: string, ageMs: number): boolean {
  const [, host, pid] = tagPattern.exec(tag) ?? [];
  if (host === undefined) return false;
  return ageMs > abandonedAfterMs || (host === hostTag() && !mayBeRunning(Number(pid), ageMs));
}

function mayBeRunning(pid: number, ageMs: number): boolean {
  // Our own process id was another's when the file is older than we are: containers hand out the same ids again.
  if (pid === process.pid) return ageMs < process.uptime() * 1000 + 1000;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}
