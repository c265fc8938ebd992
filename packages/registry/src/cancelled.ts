import { GgenError, isGgenError } from "@ggen/p2p-types";

/**
 * Ends what a caller has cancelled, whatever reason the signal has: `AbortSignal.timeout` gives another than `abort()`.
 * @param signal - the caller's
 * @throws GgenError `aborted`, with the reason as its cause, or the reason itself where it is a GgenError
 */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  const reason: unknown = signal.reason;
  throw isGgenError(reason) ? reason : new GgenError("aborted", "The operation was cancelled", { cause: reason });
}
