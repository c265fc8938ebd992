import { GgenError } from "@ggen/p2p-types";
import type { FastifyReply, FastifyRequest } from "fastify";

/**
 * Refuses a method, and says which are answered.
 * @throws GgenError `http.method-not-allowed`, always
 */
export function refuseMethod(request: FastifyRequest, reply: FastifyReply): never {
  reply.headers({ allow: "GET, HEAD, OPTIONS", connection: "close" });
  throw new GgenError("http.method-not-allowed", `${request.method} is not answered here`, {
    expected: "GET or HEAD",
  });
}

/**
 * Refuses what no endpoint answers: a path that does not exist, or a method that the router does not know.
 * @throws GgenError `http.not-found`, `http.method-not-allowed`; one of them always
 */
export function refuseUnknown(request: FastifyRequest, reply: FastifyReply): never {
  if (!request.server.supportedMethods.includes(request.method)) refuseMethod(request, reply);
  throw new GgenError("http.not-found", `There is no ${request.url.split("?", 1)[0]?.slice(0, 200)}`);
}
