import { type ErrorCode, errorTable, type GgenError, isGgenError, toGgenError } from "@ggen/p2p-types";

import type { ClaimantJson } from "../catalog/package-json.ts";

/** The body of every answer that is not a success. */
export interface ErrorBody {
  readonly error: { readonly code: ErrorCode; readonly message: string; readonly hint: string };
  /** With `package.ambiguous`: who claims the id. */
  readonly claimants?: readonly ClaimantJson[];
}

/** An error with its status and body. */
export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** What went wrong, whole, for the log. */
  readonly error: GgenError;
}

/**
 * What a client is told of an error: a code, what was expected and got, what to do; of our own defects nothing more.
 * @param thrown - anything that was thrown
 */
export function describeError(thrown: unknown): ErrorAnswer {
  const error = toGgenError(thrown, "internal");
  const status = error.data["httpStatus"];
  const { claimants } = error.data;
  const details = [
    error.expected === undefined ? [] : [`expected ${error.expected}`],
    error.got === undefined ? [] : [`got ${error.got}`],
  ].flat();
  const message =
    error.code === "internal"
      ? "The gateway failed."
      : `${error.message}${details.length === 0 ? "" : ` (${details.join(", ")})`}`;
  return {
    status: typeof status === "number" ? status : errorTable[error.code].http,
    body: {
      error: { code: error.code, message, hint: error.hint },
      ...(Array.isArray(claimants) ? { claimants: claimants as ClaimantJson[] } : {}),
    },
    error,
  };
}

/**
 * Whether an error is the node's or the gateway's fault, and belongs into the log. That the node is not ready is a state:
 * whoever watches `/readyz` hears of it every second.
 */
export function isOurFault({ status, error }: ErrorAnswer): boolean {
  return status >= 500 && !isGgenError(error, "aborted") && !isGgenError(error, "registry.incomplete");
}
