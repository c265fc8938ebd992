import { familyVersion } from "@ggen/p2p-types";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { parametersOf, parseListQuery } from "../catalog/list-query.ts";
import { toDownloadInfoJson, toPackageJson, toRowJson } from "../catalog/package-json.ts";
import { parsePackagePath, resolvePackage } from "../catalog/resolve.ts";
import { setPageHeaders } from "../http/base-headers.ts";
import { checkHost } from "../http/host-check.ts";
import { prefersHtml } from "../http/negotiation.ts";
import { signalOf } from "../http/signal.ts";
import { packagePage } from "../page/package-page.ts";
import { searchPage } from "../page/search-page.ts";
import type { GatewayContext } from "./context.ts";
import { addEndpoint } from "./endpoint.ts";

const capabilities = [
  "package_list",
  "package_search",
  "package_download",
  "range_download",
  "checksum_verification",
] as const;

interface Parameters {
  readonly id: string;
  readonly version?: string;
}

/** Adds `/`, `/packages` and what is below it. */
export function addPackageRoutes(app: FastifyInstance, context: GatewayContext): void {
  const { backend } = context;

  addEndpoint(app, "/", async (request, reply) => {
    reply.header("vary", "Accept");
    if (!prefersHtml(request.headers.accept)) {
      return { name: "ggen", version: familyVersion, peer_id: backend.peerId, capabilities };
    }
    const list = parseListQuery(parametersOf(request.url));
    const page = await backend.searchPage({ ...list.query, facets: true }, { signal: signalOf(reply) });
    setPageHeaders(reply);
    return reply.send(searchPage(list, page).text);
  });

  addEndpoint(app, "/packages", async (request, reply) => {
    const list = parseListQuery(parametersOf(request.url));
    const page = await backend.searchPage(list.query, { signal: signalOf(reply) });
    reply.header("ggen-complete", String(page.complete));
    return {
      packages: page.results.map((result) => toRowJson(result.package)),
      total: page.total,
      ...(page.totalIsLowerBound === true ? { total_is_lower_bound: true } : {}),
      next: page.next,
      ...(page.facets === undefined ? {} : { facets: page.facets }),
    };
  });

  for (const prefix of ["/packages/:id", "/packages/:id/versions/:version"]) {
    const resolve = async (request: FastifyRequest, reply: FastifyReply, purpose: "describe" | "fetch") => {
      const { id, version } = request.params as Parameters;
      const named = parsePackagePath(id, version);
      return { ...(await resolvePackage(backend, named, purpose, signalOf(reply))), path: named.path };
    };

    addEndpoint(app, prefix, async (request, reply) => {
      reply.header("vary", "Accept");
      const { pkg, info, path } = await resolve(request, reply, "describe");
      if (!prefersHtml(request.headers.accept)) return toPackageJson(pkg, info);
      setPageHeaders(reply);
      return reply.send(packagePage(pkg, info, path).text);
    });

    addEndpoint(app, `${prefix}/info`, async (request, reply) => {
      const { pkg, path } = await resolve(request, reply, "fetch");
      return toDownloadInfoJson(pkg, `http://${checkHost(request.raw, context.loopbackOnly)}`, path);
    });

    addEndpoint(app, `${prefix}/download`, async (request, reply) => {
      const { pkg } = await resolve(request, reply, "fetch");
      return context.downloads.send(pkg, request, reply);
    });
  }
}
