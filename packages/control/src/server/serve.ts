import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

import {
  type Clock,
  errorTable,
  familyVersion,
  GgenError,
  type Logger,
  type NodeApi,
  silentLogger,
  systemClock,
  toGgenError,
} from "@ggen/p2p-types";

import { type ControlLimits, controlLimits } from "../limits.ts";
import { methods } from "../methods.ts";
import { checkParams } from "../shape.ts";
import { readBody } from "./body.ts";
import { runCall, toErrorLine } from "./call.ts";
import { listenPrivately } from "./listen.ts";

/** What {@link serveControl} needs. */
export interface ServeControlOptions {
  /** Where to listen, from `controlSocketPath`. */
  readonly path: string;
  /** What answers. */
  readonly api: NodeApi;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /** Narrower bounds than the usual ones. */
  readonly limits?: Partial<ControlLimits>;
}

/** A control server that listens. */
export interface ControlServer {
  /** Refuses new calls, aborts running ones, waits until they answered, and removes the socket. */
  close(): Promise<void>;
}

/**
 * Serves a node to its own user over a unix socket.
 * @param options - path, api, logger, clock
 * @throws GgenError `registry.already-running` when a live process listens on the path
 * @throws GgenError `home.unwritable` when the socket's directory cannot be made private
 * @throws GgenError `storage.failed` when the path is taken by something else
 */
export async function serveControl(options: ServeControlOptions): Promise<ControlServer> {
  const limits = { ...controlLimits, ...options.limits };
  const clock = options.clock ?? systemClock;
  const logger = options.logger ?? silentLogger;
  const running = new Set<AbortController>();
  const context: Context = { api: options.api, clock, limits, logger, running };

  const server = createServer(
    {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.headersTimeoutMs + limits.bodyTimeoutMs,
      connectionsCheckingInterval: Math.min(1_000, limits.headersTimeoutMs),
      keepAlive: false,
    },
    (request, response) => {
      response.setHeader("connection", "close");
      handle(context, request, response).catch((error: unknown) => answerError(response, toGgenError(error)));
    },
  );
  server.maxConnections = limits.maxConnections;
  await listenPrivately(server, options.path);
  server.on("error", (error) => logger.log("error", "The control socket failed", { error: error.message }));

  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
    for (const controller of running) controller.abort(new GgenError("aborted", "The node is stopping"));
    const grace = new AbortController();
    const timeout = clock.sleep(limits.closeGraceMs, grace.signal).catch(() => undefined);
    await Promise.race([closed, timeout]);
    grace.abort();
    server.closeAllConnections();
    await closed;
  };
  return { close: () => (closing ??= close()) };
}

interface Context {
  readonly api: NodeApi;
  readonly clock: Clock;
  readonly limits: ControlLimits;
  readonly logger: Logger;
  readonly running: Set<AbortController>;
}

async function handle(context: Context, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { running, limits, logger } = context;
  if (request.method === "GET" && request.url === "/v1") {
    request.resume();
    response.end(`${JSON.stringify({ control: 1, version: familyVersion, pid: process.pid })}\n`);
    return;
  }
  const name = /^\/v1\/([A-Za-z]{1,40})$/.exec(request.url ?? "")?.[1] ?? "";
  if (request.method !== "POST" || !methods.has(name)) {
    throw new GgenError("usage.invalid", "The control API has no such method", {
      expected: `POST /v1/ followed by ${[...methods.keys()].join(", ")}`,
      got: `${request.method} ${(request.url ?? "").slice(0, 80)}`,
      hint: "The CLI and the running node are of different versions? Restart the node: ggen marketplace p2p stop",
    });
  }
  if (running.size >= limits.maxCalls) {
    throw new GgenError("network.refused", "The node runs too many calls at once", {
      expected: `at most ${limits.maxCalls}`,
      hint: "Wait for some to end, then run the command again.",
    });
  }
  const controller = new AbortController();
  running.add(controller);
  response.on("close", () => {
    if (!response.writableFinished) controller.abort(new GgenError("aborted", "The caller went away"));
  });
  try {
    const shape = methods.get(name);
    const params = checkParams(name, shape, await readBody(request, limits, context.clock));
    logger.log("debug", "control call", { method: name });
    await runCall({ api: context.api, name, shape, params, response, signal: controller.signal, logger });
  } finally {
    running.delete(controller);
  }
}

function answerError(response: ServerResponse, error: GgenError): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(errorTable[error.code].http, { "content-type": "application/x-ndjson" });
  // What is left of a refused body is not read: the connection ends with the answer.
  response.end(toErrorLine(error), () => response.req.destroy());
}
