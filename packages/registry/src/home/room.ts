import { statfs } from "node:fs/promises";

import { bytesPerMb } from "../units.ts";

/** Below this a package does not fit, or only just. */
const minFreeBytes = 16 * bytesPerMb;

/**
 * What is to be said of the room on a home's disk; nothing when there is enough, or when the system does not tell.
 * @param home - absolute path
 */
export async function roomNotice(home: string): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(home);
    const freeBytes = bavail * bsize;
    if (freeBytes >= minFreeBytes) return undefined;
    return (
      `the disk of ${home} is full (${(freeBytes / bytesPerMb).toFixed(1)} MB free): what is here can be read, ` +
      "nothing can be published or installed until there is room"
    );
  } catch {
    return undefined;
  }
}
