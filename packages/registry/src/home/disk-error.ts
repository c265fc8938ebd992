import { GgenError, systemReason } from "@ggen/p2p-types";

/** Whether a failed call to the file system found no room on the disk, or none within the user's quota. */
export function isFullDisk(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === "ENOSPC" || code === "EDQUOT";
}

/**
 * What a failure of the file system is to the callers: `storage.full` or `storage.failed`.
 * @param doing - for people: what failed, e.g. `/home/me/.ggen/x could not be written`
 */
export function diskError(doing: string, cause: unknown): GgenError {
  return new GgenError(isFullDisk(cause) ? "storage.full" : "storage.failed", doing, {
    got: systemReason(cause),
    cause,
  });
}
