import type { IncomingHttpHeaders } from "node:http";

import { GgenError, sha256, toHex } from "@ggen/p2p-types";
import type { FastifyInstance } from "fastify";

import type { GatewayLimits } from "../limits.ts";
import type { GatewayContext } from "../routes/context.ts";
import { setBaseHeaders } from "./base-headers.ts";
import { matchesNone } from "./etag.ts";
import { checkHost } from "./host-check.ts";
import { refuseUnknown } from "./refusal.ts";

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

/** Adds what holds for every request: headers, the host check, conditional answers, counting. */
export function addHooks(app: FastifyInstance, context: GatewayContext, limits: GatewayLimits): void {
  const { clock, logger, requests, loopbackOnly } = context;
  const started = new WeakMap<object, number>();

  app.addHook("onRequest", async (request, reply) => {
    started.set(request, clock.monotonic());
    setBaseHeaders(reply);
    // Nothing here takes a body: one that is sent all the same is not waited for, it may have no end.
    if (hasBody(request.headers)) reply.header("connection", "close");
    checkHost(request.raw, loopbackOnly);
    if (request.url.length > limits.maxUrlBytes) {
      throw new GgenError("usage.invalid", "The URL is too long", {
        expected: `at most ${limits.maxUrlBytes} bytes`,
        got: `${request.url.length}`,
        hint: "Shorten the query.",
        data: { httpStatus: 414 },
      });
    }
    // Before a body is parsed: whatever it is, it cannot make this another answer.
    if (request.is404) refuseUnknown(request, reply);
  });

  app.addHook("onSend", async (request, reply, payload) => {
    if (typeof payload !== "string" || reply.statusCode !== 200 || reply.hasHeader("etag")) return payload;
    if (reply.getHeader("cache-control") === "no-store") return payload;
    const etag = `"${toHex(sha256(new TextEncoder().encode(payload))).slice(0, 32)}"`;
    reply.headers({ etag, "cache-control": "no-cache" });
    if (!matchesNone(request.headers["if-none-match"], etag)) return payload;
    reply.code(304).removeHeader("content-length").removeHeader("content-type");
    return null;
  });

  app.addHook("onResponse", async (request, reply) => {
    const seconds = (clock.monotonic() - (started.get(request) ?? clock.monotonic())) / 1000;
    const { method } = request;
    const route = request.routeOptions.url ?? "none";
    requests.record({ method, route, status: reply.statusCode, seconds });
    logger.log("debug", `${method} ${request.url} ${reply.statusCode}`, { seconds });
  });
}
