import { type Clock, GgenError, type Logger, silentLogger, systemClock } from "@ggen/p2p-types";
import fastify, { type FastifyInstance } from "fastify";

import type { GatewayBackend } from "./backend.ts";
import { defaultLimits, type GatewayLimits } from "./limits.ts";

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

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://HOST:PORT`, for people and clients on this machine. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets answers end for a moment, and cuts the rest. Idempotent. */
  close(): Promise<void>;
}

/**
 * Makes a gateway that does not listen yet.
 * @param options - the node and how to answer for it
 */
export function createGateway(options: GatewayOptions): FastifyInstance {
  const limits = { ...defaultLimits, ...options.limits };
  const app = fastify({ logger: false, requestTimeout: limits.requestTimeoutMs, forceCloseConnections: "idle" });
  app.get("/healthz", () => ({ status: "ok" }));
  return app;
}

/**
 * Starts the HTTP gateway of a node.
 * @param options - the node, `host` and `port` (0 chooses a free one)
 * @throws GgenError `http.port-taken`, `network.listen-failed`
 */
export async function startGateway(options: GatewayOptions & { readonly port: number }): Promise<RunningGateway> {
  const app = createGateway(options);
  const logger = options.logger ?? silentLogger;
  const clock = options.clock ?? systemClock;
  const graceMs = options.limits?.closeGraceMs ?? defaultLimits.closeGraceMs;
  const address = `${options.host}:${options.port}`;
  try {
    await app.listen({ host: options.host, port: options.port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
      throw new GgenError("http.port-taken", `Port ${options.port} on ${options.host} is taken`, {
        expected: "a free port",
        got: `another process listens on ${address}`,
        data: { host: options.host, port: options.port },
        cause: error,
      });
    }
    throw new GgenError("network.listen-failed", `The gateway cannot listen on ${address}`, {
      got: (error as Error).message,
      hint: "Choose another address with --http [HOST:]PORT.",
      cause: error,
    });
  }
  const bound = app.server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : options.port;
  const url = `http://${urlHost(options.host)}:${port}`;
  logger.log("info", `Gateway on ${url}`, { url });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const done = new AbortController();
    const cut = clock.sleep(graceMs, done.signal).then(
      () => app.server.closeAllConnections(),
      () => undefined,
    );
    await app.close();
    done.abort();
    await cut;
  };
  return { url, port, close: () => (closing ??= close()) };
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
