import { GgenError, systemReason } from "@ggen/p2p-types";

/**
 * What a failure of the file system is to the callers: `storage.full` or `storage.failed`.
 * @param doing - for people: what failed, e.g. `/home/me/.ggen/x could not be written`
 */
export function diskError(doing: string, cause: unknown): GgenError {
  const { code } = cause as NodeJS.ErrnoException;
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new GgenError(full ? "storage.full" : "storage.failed", doing, { got: systemReason(cause), cause });
}
