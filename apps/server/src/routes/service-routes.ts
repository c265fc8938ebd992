import { familyVersion, GgenError } from "@ggen/p2p-types";
import type { FastifyInstance } from "fastify";

import { setPrivate } from "../http/base-headers.ts";
import { nodeMetrics } from "../metrics/node-metrics.ts";
import { metricsType, renderMetrics } from "../metrics/prometheus.ts";
import { openApiDocument } from "../openapi/document.ts";
import type { GatewayContext } from "./context.ts";
import { addEndpoint } from "./endpoint.ts";

/** Adds `/healthz`, `/readyz`, `/metrics` and `/openapi.json`. */
export function addServiceRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { backend, downloads, requests } = context;

  addEndpoint(app, "/healthz", () => ({ status: "ok" }));

  addEndpoint(app, "/readyz", (_request, reply) => {
    reply.header("cache-control", "no-store");
    if (!backend.ready()) {
      throw new GgenError("registry.incomplete", "The node cannot answer for the whole catalogue yet");
    }
    return { status: "ready" };
  });

  addEndpoint(app, "/metrics", async (_request, reply) => {
    setPrivate(reply);
    const gauge = (name: string, help: string, value: number) =>
      ({ name, help, type: "gauge", samples: [{ value }] }) as const;
    const text = renderMetrics([
      gauge("ggen_ready", "Whether the node can answer for the whole catalogue, 0 or 1.", backend.ready() ? 1 : 0),
      ...nodeMetrics(await backend.stats()),
      ...requests.metrics(),
      gauge("ggen_http_downloads", "Downloads that are being sent.", downloads.active),
    ]);
    return reply.header("cache-control", "no-store").type(metricsType).send(text);
  });

  const document = JSON.stringify(openApiDocument(familyVersion));
  addEndpoint(app, "/openapi.json", (_request, reply) => reply.type("application/json; charset=utf-8").send(document));
}
