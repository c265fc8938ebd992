import type { Logger } from "@ggen/p2p-types";
import type { FastifyReply, FastifyRequest } from "fastify";

import { errorPage } from "../page/error-page.ts";
import { setPageHeaders } from "./base-headers.ts";
import { describeError, isOurFault } from "./gateway-error.ts";
import { prefersHtml } from "./negotiation.ts";

/** Set for an answer that was then not given; they would be wrong on an error. */
const contentHeaders = [
  "content-length",
  "content-encoding",
  "content-disposition",
  "accept-ranges",
  "etag",
  "cache-control",
];

/**
 * Answers with an error: JSON, or a page for a browser.
 * @param thrown - anything that was thrown
 */
export function sendError(thrown: unknown, request: FastifyRequest, reply: FastifyReply, logger: Logger): FastifyReply {
  const answer = describeError(thrown);
  if (isOurFault(answer)) {
    logger.log("error", answer.error.message, { code: answer.error.code, url: request.url, cause: answer.error.cause });
  }
  for (const name of contentHeaders) reply.removeHeader(name);
  reply.code(answer.status).header("vary", "Accept").header("cache-control", "no-store");
  if (prefersHtml(request.headers.accept)) {
    setPageHeaders(reply);
    return reply.send(errorPage(answer).text);
  }
  return reply.type("application/json; charset=utf-8").send(JSON.stringify(answer.body));
}
