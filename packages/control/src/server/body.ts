import type { IncomingMessage } from "node:http";

import { type Clock, GgenError } from "@ggen/p2p-types";

import type { ControlLimits } from "../limits.ts";

/**
 * Reads and parses the body of a request.
 * @param request - its declared length is not trusted
 * @param limits - size and time
 * @param clock - for the time
 * @returns parsed JSON; undefined for an empty body
 * @throws GgenError `usage.invalid` when too large, too slow, cut off or not JSON
 */
export async function readBody(request: IncomingMessage, limits: ControlLimits, clock: Clock): Promise<unknown> {
  const bytes = await collect(request, limits, clock);
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw new GgenError("usage.invalid", "The body of the request is not JSON", { cause: error });
  }
}

function collect(request: IncomingMessage, limits: ControlLimits, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const pieces: Buffer[] = [];
    let size = 0;
    const timer = new AbortController();
    const settle = (act: () => void): void => {
      timer.abort();
      request.removeAllListeners("data");
      act();
    };
    const refuse = (message: string, expected?: string): void =>
      settle(() => {
        request.pause();
        reject(new GgenError("usage.invalid", message, expected === undefined ? {} : { expected }));
      });
    clock.sleep(limits.bodyTimeoutMs, timer.signal).then(
      () => refuse("The body of the request came too slowly", `all of it within ${limits.bodyTimeoutMs} ms`),
      () => undefined,
    );
    request.on("data", (piece: Buffer) => {
      size += piece.length;
      if (size > limits.maxBodyBytes) {
        refuse("The body of the request is too large", `at most ${limits.maxBodyBytes} bytes`);
      } else {
        pieces.push(piece);
      }
    });
    request.on("end", () => settle(() => resolve(Buffer.concat(pieces))));
    request.on("error", () => refuse("The request was cut off"));
    request.on("close", () => refuse("The request was cut off"));
  });
}
