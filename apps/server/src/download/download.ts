import { GgenError, type Package } from "@ggen/p2p-types";
import type { FastifyReply, FastifyRequest } from "fastify";

import type { GatewayBackend } from "../backend.ts";
import { parseRange } from "../http/byte-range.ts";
import { allowsRange, matchesNone } from "../http/etag.ts";
import { preferredCoding } from "../http/negotiation.ts";
import { signalOf } from "../http/signal.ts";
import type { GatewayLimits } from "../limits.ts";
import { encodeBody, openBody } from "./body.ts";

/** Sends archives, so many at once. */
export class Downloads {
  readonly #backend: GatewayBackend;
  readonly #limits: GatewayLimits;
  #active = 0;

  constructor(backend: GatewayBackend, limits: GatewayLimits) {
    this.#backend = backend;
    this.#limits = limits;
  }

  /** Downloads that are being sent. */
  get active(): number {
    return this.#active;
  }

  /**
   * Answers with the archive of a package, or with what the client's conditions make of it.
   * @throws GgenError `http.range-not-satisfiable`, `network.refused`, and what the node throws
   */
  async send(pkg: Package, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const digest = pkg.checksum.slice("sha256:".length);
    const { headers } = request;
    const conditional = request.method === "GET" && allowsRange(headerText(headers["if-range"]), `"${digest}"`);
    const rangeHeader = conditional ? headerText(headers.range) : undefined;
    const range = parseRange(rangeHeader, pkg.size);
    // A range is over the archive's own bytes, so what answers a range is never encoded.
    const coding = range.kind === "whole" ? preferredCoding(headerText(headers["accept-encoding"])) : "identity";
    const etag = coding === "identity" ? `"${digest}"` : `"${digest}-${coding}"`;
    reply.headers({ etag, vary: "Accept-Encoding", "cache-control": "no-cache", "accept-ranges": "bytes" });
    if (matchesNone(headers["if-none-match"], etag)) return reply.code(304).send();
    if (range.kind === "unsatisfiable") {
      reply.header("content-range", `bytes */${pkg.size}`).removeHeader("etag");
      throw new GgenError("http.range-not-satisfiable", `Range: ${rangeHeader?.slice(0, 100)} cannot be answered`, {
        expected: `one range within 0-${pkg.size - 1}`,
      });
    }
    const part = range.kind === "part" ? range : { start: 0, end: pkg.size };
    reply.headers({
      "content-type": "application/x-tar",
      "content-disposition": `attachment; filename="${pkg.id}-${pkg.version}.tar"`,
    });
    if (coding === "identity") reply.header("content-length", part.end - part.start);
    else reply.header("content-encoding", coding);
    if (request.method === "HEAD") return reply.send();

    const signal = signalOf(reply);
    this.#enter(reply);
    await this.#backend.ensureContent(pkg, { signal });
    const source = this.#backend.readContent(pkg.cid, part, signal);
    const body = await openBody(source, part.end - part.start);
    if (range.kind === "part") {
      reply.code(206).header("content-range", `bytes ${part.start}-${part.end - 1}/${pkg.size}`);
    }
    reply.raw.setTimeout(this.#limits.stallTimeoutMs, () => reply.raw.destroy());
    return reply.send(encodeBody(body, coding));
  }

  /** Takes a place, given back when the answer is over in whatever way. */
  #enter(reply: FastifyReply): void {
    if (this.#active >= this.#limits.maxDownloads) {
      reply.header("retry-after", "5");
      throw new GgenError("network.refused", "The gateway sends as many downloads as it may", {
        expected: `at most ${this.#limits.maxDownloads} at once`,
      });
    }
    this.#active += 1;
    reply.raw.once("close", () => {
      this.#active -= 1;
    });
  }
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(",") : value;
}
