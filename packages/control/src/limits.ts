/** Bounds of the control API. All are about one process talking to itself: generous, but never unlimited. */
export interface ControlLimits {
  /** Largest request body in bytes. */
  readonly maxBodyBytes: number;
  /** Largest request line plus headers in bytes. */
  readonly maxHeaderBytes: number;
  /** Calls that run at the same time; more are refused at once. */
  readonly maxCalls: number;
  /** Open connections; more are closed at once. */
  readonly maxConnections: number;
  /** How long a connection may take to send its headers, in milliseconds. */
  readonly headersTimeoutMs: number;
  /** How long a request may take to send its body, in milliseconds. */
  readonly bodyTimeoutMs: number;
  /** How long `close` waits for running calls to notice that they were aborted, in milliseconds. */
  readonly closeGraceMs: number;
}

/** The bounds in use unless a test narrows them. */
export const controlLimits: ControlLimits = {
  maxBodyBytes: 1024 * 1024,
  maxHeaderBytes: 8 * 1024,
  maxCalls: 64,
  maxConnections: 256,
  headersTimeoutMs: 5_000,
  bodyTimeoutMs: 10_000,
  closeGraceMs: 3_000,
};

/** Longest line of an answer in bytes; the server refuses to send more and the client to read more. */
export const maxLineBytes: number = 32 * 1024 * 1024;
