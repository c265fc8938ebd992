import { type Clock, GgenError, type Logger, silentLogger, systemClock } from "@ggen/p2p-types";
import fastify, { type FastifyInstance } from "fastify";

import type { GatewayBackend } from "./backend.ts";
import { Downloads } from "./download/download.ts";
import { setBaseHeaders } from "./http/base-headers.ts";
import { answerClientError } from "./http/client-error.ts";
import { sendError } from "./http/error-reply.ts";
import { addHooks } from "./http/hooks.ts";
import { isLoopback } from "./http/host-check.ts";
import { refuseUnknown } from "./http/refusal.ts";
import { defaultLimits, type GatewayLimits } from "./limits.ts";
import { RequestMetrics } from "./metrics/request-metrics.ts";
import { addAssetRoutes } from "./routes/asset-routes.ts";
import { addPackageRoutes } from "./routes/package-routes.ts";
import { addServiceRoutes } from "./routes/service-routes.ts";

/** What a gateway is made of. */
export interface GatewayOptions {
  /** The node it shows. */
  readonly backend: GatewayBackend;
  /** Where it will listen; on a loopback host only loopback `Host` headers are answered. */
  readonly host: string;
  readonly logger?: Logger;
  readonly clock?: Clock;
  readonly limits?: Partial<GatewayLimits>;
}

/**
 * Makes a gateway that does not listen yet.
 * @param options - the node and how to answer for it
 */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const { backend, logger = silentLogger, clock = systemClock } = options;
  const limits = { ...defaultLimits, ...options.limits };
  const app = fastify({
    logger: false,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    forceCloseConnections: "idle",
    http: {
      // Node would refuse a request without a Host before us, with no body; our own check refuses it as it does a wrong one.
      requireHostHeader: false,
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.max(50, Math.floor(limits.headersTimeoutMs / 4)),
    },
    routerOptions: { maxParamLength: limits.maxUrlBytes },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      const refusal = new GgenError("usage.invalid", "The URL is not valid", {
        got: error.message.slice(0, 200),
        hint: "Percent-encode it; see /openapi.json.",
        cause: error,
      });
      setBaseHeaders(reply);
      void sendError(refusal, request, reply, logger);
    },
  });
  app.server.maxConnections = limits.maxConnections;

  const context = {
    backend,
    logger,
    clock,
    downloads: new Downloads(backend, limits),
    requests: new RequestMetrics(),
    loopbackOnly: isLoopback(options.host),
  };
  addHooks(app, context, limits);
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply, logger));
  app.setNotFoundHandler(refuseUnknown);
  addPackageRoutes(app, context);
  addServiceRoutes(app, context);
  addAssetRoutes(app);
  return app;
}
