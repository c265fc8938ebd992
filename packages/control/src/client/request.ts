import { type IncomingMessage, request as httpRequest } from "node:http";

import { type Clock, GgenError, toGgenError } from "@ggen/p2p-types";

import { readAnswer } from "./answer.ts";

/** How the client reaches a node. */
export interface Connection {
  readonly path: string;
  /** How long the node may take to begin its answer, in milliseconds. */
  readonly timeoutMs: number;
  readonly clock: Clock;
}

/**
 * Sends one request and waits until its answer begins.
 * @param connection - where and how long
 * @param target - method and path
 * @param body - JSON text, or undefined for none
 * @param signal - destroys the request, before and after the answer began
 * @throws GgenError `registry.not-running` when nobody listens
 * @throws GgenError `control.unreachable` when the answer does not begin in time
 * @throws GgenError `aborted`
 */
export async function send(
  connection: Connection,
  target: { readonly method: "GET" | "POST"; readonly path: string },
  body: string | undefined,
  signal: AbortSignal | undefined,
): Promise<IncomingMessage> {
  const deadline = new AbortController();
  try {
    return await new Promise<IncomingMessage>((resolve, reject) => {
      const request = httpRequest(
        { socketPath: connection.path, ...target, agent: false, signal, headers: { host: "ggen" } },
        resolve,
      );
      request.on("error", (error: NodeJS.ErrnoException) => reject(signal?.aborted ? aborted() : toFault(error)));
      connection.clock.sleep(connection.timeoutMs, deadline.signal).then(
        () => request.destroy(new GgenError("control.unreachable", "The node does not answer on its control socket")),
        () => undefined,
      );
      request.end(body);
    });
  } finally {
    deadline.abort();
  }
}

/**
 * Calls a method of the node.
 * @param connection - where and how long
 * @param name - the method
 * @param params - plain JSON
 * @param options - cancellation and progress
 */
export async function call(
  connection: Connection,
  name: string,
  params: unknown,
  options: { readonly signal?: AbortSignal; readonly onProgress?: (progress: never) => void } | undefined,
): Promise<unknown> {
  const signal = options?.signal;
  if (signal?.aborted) throw aborted();
  const body = params === undefined ? undefined : JSON.stringify(params);
  const response = await send(connection, { method: "POST", path: `/v1/${name}` }, body, signal);
  try {
    return await readAnswer(response, (progress) => options?.onProgress?.(progress as never));
  } catch (error) {
    if (signal?.aborted) throw aborted();
    throw toGgenError(error, "control.unreachable");
  } finally {
    response.destroy();
  }
}

const aborted = (): GgenError => new GgenError("aborted", "The operation was cancelled");

function toFault(error: NodeJS.ErrnoException): GgenError {
  const gone = error.code === "ENOENT" || error.code === "ECONNREFUSED" || error.code === "ENOTSOCK";
  if (gone) return new GgenError("registry.not-running", "The node is not running", { cause: error });
  return toGgenError(error, "control.unreachable");
}
