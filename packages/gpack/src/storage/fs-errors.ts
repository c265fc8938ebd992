import { type ErrorCode, GgenError, isGgenError, systemReason } from "@ggen/p2p-types";

/** The code of a failed system call (`ENOENT`), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

const fullDisk = new Set(["ENOSPC", "EDQUOT"]);

/**
 * A failed system call as a {@link GgenError}; one that already is comes back as it is.
 * @param error - what was thrown
 * @param message - one sentence naming the path concerned
 * @param code - the code unless the disk is full
 */
export function storageError(error: unknown, message: string, code: ErrorCode = "storage.failed"): GgenError {
  if (isGgenError(error)) return error;
  return new GgenError(fullDisk.has(systemCode(error) ?? "") ? "storage.full" : code, message, {
    expected: "a path that this user may write, on a disk with free space",
    got: systemReason(error),
    cause: error,
  });
}

/** @throws GgenError `aborted` when the signal is */
export function checkAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) {
    throw new GgenError("aborted", "The operation was cancelled", { cause: signal.reason });
  }
}
