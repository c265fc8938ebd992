import { GgenError, silentLogger, systemClock } from "@ggen/p2p-types";

import { createGateway, type GatewayOptions } from "./gateway.ts";
import { defaultLimits } from "./limits.ts";

/** A gateway that listens. */
export interface RunningGateway {
  /** `http://HOST:PORT`, for people and clients on this machine. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, lets answers end for a moment, and cuts the rest. Idempotent. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP gateway of a node.
 * @param options - the node, `host` and `port` (0 chooses a free one)
 * @throws GgenError `http.port-taken`, `network.listen-failed`
 */
export async function startGateway(options: GatewayOptions & { readonly port: number }): Promise<RunningGateway> {
  const { logger = silentLogger, clock = systemClock, port: wantedPort } = options;
  // One socket, not one per address family, so that limits and closing hold for all connections.
  const host = options.host === "localhost" ? "127.0.0.1" : options.host;
  const app = createGateway(options);
  try {
    await app.listen({ host, port: wantedPort });
  } catch (error) {
    await app.close();
    throw listenError(host, wantedPort, error as NodeJS.ErrnoException);
  }
  const bound = app.server.address();
  const port = typeof bound === "object" && bound !== null ? bound.port : wantedPort;
  const url = `http://${urlHost(host)}:${port}`;
  logger.log("info", `Gateway on ${url}`, { url });

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const done = new AbortController();
    const cut = clock.sleep(options.limits?.closeGraceMs ?? defaultLimits.closeGraceMs, done.signal).then(
      () => app.server.closeAllConnections(),
      () => undefined,
    );
    await app.close();
    done.abort();
    await cut;
  };
  return { url, port, close: () => (closing ??= close()) };
}

function listenError(host: string, port: number, cause: NodeJS.ErrnoException): GgenError {
  if (cause.code === "EADDRINUSE") {
    return new GgenError("http.port-taken", `Port ${port} on ${host} is taken`, {
      expected: "a free port",
      got: "another process listens there",
      data: { host, port },
      cause,
    });
  }
  return new GgenError("network.listen-failed", `The gateway cannot listen on ${host}:${port}`, {
    got: cause.message,
    hint: "Choose another address with --http [HOST:]PORT.",
    data: { host, port },
    cause,
  });
}

function urlHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
