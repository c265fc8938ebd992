/** Operations kept of a publisher that is neither trusted nor pinned; more of them are deferred. */
export const maxOperationsOfStranger = 10_000;
/** Operations kept of a trusted or pinned publisher. */
export const maxOperationsOfKnown = 200_000;
/** Operations kept in all. */
export const maxOperations = 2_000_000;
/** Operations of one publisher, and of all, that wait for their parents; beyond it the oldest are forgotten. */
export const maxWaitingOfPublisher = 1000;
export const maxWaiting = 50_000;
/** How far ahead of this node's clock an operation's time may be, in seconds. */
export const maxAheadSeconds = 600;
/** Default of `maxBytes`. */
export const defaultMaxBytes: number = 1024 * 1024 * 1024;
/** Longest search text in characters. */
export const maxQueryLength = 1000;
/** A search that runs longer is stopped. */
export const searchTimeoutMs = 500;
