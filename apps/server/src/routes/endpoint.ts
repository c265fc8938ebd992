import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { refuseMethod } from "../http/refusal.ts";

/** Answers one GET; what it returns is sent as JSON unless it is the reply. */
export type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown;

/**
 * Adds an endpoint that answers GET and HEAD, OPTIONS as preflights ask it, and refuses every other method by name.
 * @param url - its pattern
 */
export function addEndpoint(app: FastifyInstance, url: string, handler: Handler): void {
  app.route({ method: ["GET", "HEAD"], url, exposeHeadRoute: false, handler });
  app.options(url, (_request, reply) =>
    reply
      .headers({
        allow: "GET, HEAD, OPTIONS",
        "access-control-allow-methods": "GET, HEAD",
        "access-control-allow-headers": "Range, If-Range, If-None-Match",
        "access-control-max-age": "86400",
      })
      .code(204)
      .send(),
  );
  app.route({
    method: app.supportedMethods.filter((method) => !["GET", "HEAD", "OPTIONS"].includes(method)),
    url,
    // Before a body is read, whatever it is.
    onRequest: refuseMethod,
    handler: () => undefined,
  });
}
