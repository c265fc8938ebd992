import { GgenError, isGgenError, toGgenError } from "@ggen/p2p-types";

/** The error with which this node ends a stream of a peer that is over a limit. */
export function refusedByUs(limit: string): GgenError {
  return new GgenError("network.refused", `A peer was refused: ${limit}`);
}

const timeouts = new Set(["TimeoutError", "ConnectionTimeoutError"]);

/**
 * The error of a dial or request that failed underneath.
 * @param cause - what libp2p threw
 * @param target - the address or peer id, for the message
 */
export function toNetworkError(cause: unknown, target: string): GgenError {
  if (isGgenError(cause)) return cause;
  const inner = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause];
  if (inner.some((error) => error instanceof Error && timeouts.has(error.name))) {
    return new GgenError("network.connection-timeout", `${target} did not answer in time`, { cause });
  }
  if (cause instanceof Error && cause.name === "AbortError") return toGgenError(cause);
  const reasons = inner.map((error) => (error instanceof Error ? error.message : String(error)));
  return new GgenError("network.dial-failed", `${target} could not be reached`, {
    got: [...new Set(reasons)].join("; ").slice(0, 500),
    cause,
  });
}

/** The error of a start that failed. @param addresses - where the node should listen */
export function listenFailed(addresses: readonly string[], cause: unknown): GgenError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const named = addresses.filter((address) => reason.includes(address));
  const shown = (named.length > 0 ? named : addresses).join(", ");
  return new GgenError("network.listen-failed", `Cannot listen on ${shown}`, {
    expected: "addresses of this machine with free ports",
    got: listenReason(reason),
    cause,
  });
}

/** What the system said, out of libp2p's list of addresses with stack traces. */
function listenReason(text: string): string {
  const said = [...text.matchAll(/\blisten (E[A-Z]+): ([a-z ]+)/g)].map(
    ([, code, words = ""]) => `${words.trim()} (${code})`,
  );
  return said.length > 0 ? [...new Set(said)].join("; ") : (text.split("\n", 1)[0] ?? "").slice(0, 300);
}
