/** How much comes in. */
export interface IntakeLimits {
  /** Operations kept of a publisher that is neither trusted nor pinned; more of them are deferred. */
  readonly ofStranger: number;
  /** Operations kept of a trusted or pinned publisher. */
  readonly ofKnown: number;
  /** Appended releases of one transaction that are listed in it; more than these are a flood. */
  readonly listedAtOnce: number;
  /** Operations that are written in one go, about 10 ms; others get their turn in between. */
  readonly perTurn: number;
}

/** The limits of every catalogue. */
export const intakeLimits: IntakeLimits = {
  ofStranger: 10_000,
  ofKnown: 200_000,
  listedAtOnce: 1024,
  perTurn: 128,
};
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
/** A search that runs longer is stopped, in milliseconds. Half a second is promised, and to stop takes some of it. */
export const searchTimeoutMs = 400;
