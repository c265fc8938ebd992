import type { FastifyReply } from "fastify";

/** Nothing that is not a page of ours may load or run anything. */
const closedPolicy = "default-src 'none'; frame-ancestors 'none'; sandbox";

/** The page loads its one style sheet and its icon from us, sends its form to us, and runs no script at all. */
const pagePolicy =
  "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/** Headers of every answer, whatever becomes of the request. */
export function setBaseHeaders(reply: FastifyReply): void {
  reply.headers({
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "cross-origin",
    "content-security-policy": closedPolicy,
    "access-control-allow-origin": "*",
    "access-control-expose-headers":
      "ETag, Content-Range, Accept-Ranges, Content-Length, Content-Disposition, Ggen-Complete",
  });
}

/** Headers of a page instead of those of data. */
export function setPageHeaders(reply: FastifyReply): void {
  reply.headers({
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": pagePolicy,
    "cross-origin-opener-policy": "same-origin",
  });
  setPrivate(reply);
}

/** Takes back what lets pages of other origins read an answer: figures of the node are nobody's business. */
export function setPrivate(reply: FastifyReply): void {
  reply.removeHeader("access-control-allow-origin");
  reply.removeHeader("access-control-expose-headers");
  reply.header("cross-origin-resource-policy", "same-origin");
}
