import type { FastifyInstance } from "fastify";

import { icon } from "../page/icon.ts";
import { styles } from "../page/styles.ts";
import { addEndpoint } from "./endpoint.ts";

/** Adds the page's style sheet and icon. */
export function addAssetRoutes(app: FastifyInstance): void {
  for (const [url, type, text] of [
    ["/assets/page.css", "text/css; charset=utf-8", styles],
    ["/assets/icon.svg", "image/svg+xml", icon],
  ] as const) {
    addEndpoint(app, url, (_request, reply) => reply.type(type).header("cache-control", "no-cache").send(text));
  }
}
