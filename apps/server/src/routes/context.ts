import type { Clock, Logger } from "@ggen/p2p-types";

import type { GatewayBackend } from "../backend.ts";
import type { Downloads } from "../download/download.ts";
import type { RequestMetrics } from "../metrics/request-metrics.ts";

/** What the routes share. */
export interface GatewayContext {
  readonly backend: GatewayBackend;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly downloads: Downloads;
  readonly requests: RequestMetrics;
  /** Whether the gateway is bound to loopback. */
  readonly loopbackOnly: boolean;
}
