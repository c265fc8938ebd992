/** What a client may use of the gateway. Times in milliseconds, sizes in bytes. */
export interface GatewayLimits {
  /** Connections at once; a further one is closed at once. */
  readonly maxConnections: number;
  /** Downloads that are being sent at once; a further one is answered 429. Each holds about 3 MiB. */
  readonly maxDownloads: number;
  /** Request line and headers together; more is answered 431. */
  readonly maxHeaderBytes: number;
  /** Path and query; more is answered 414. */
  readonly maxUrlBytes: number;
  /** From the first byte of a connection to the end of the headers. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to its last. */
  readonly requestTimeoutMs: number;
  /** How long an idle connection is kept for another request. */
  readonly keepAliveTimeoutMs: number;
  /** How long a client may take no byte of an answer. */
  readonly stallTimeoutMs: number;
  /** How long `close` lets answers end before it cuts them. */
  readonly closeGraceMs: number;
}

/** The limits of a gateway that is told nothing else: about 200 MiB at worst, all of it in downloads. */
export const defaultLimits: GatewayLimits = {
  maxConnections: 512,
  maxDownloads: 64,
  maxHeaderBytes: 16_384,
  maxUrlBytes: 4096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 5000,
  stallTimeoutMs: 60_000,
  closeGraceMs: 2000,
};
