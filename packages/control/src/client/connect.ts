import { dirname } from "node:path";

import { type CallOptions, type Clock, GgenError, isGgenError, type NodeApi, systemClock } from "@ggen/p2p-types";

import { methods } from "../methods.ts";
import { requirePrivateDirectory } from "../private-directory.ts";
import { readLines } from "./lines.ts";
import { call, type Connection, send } from "./request.ts";

/** How to reach a node. */
export interface ConnectControlOptions {
  /** How long the node may take to begin each answer, in milliseconds (10 000). */
  readonly timeoutMs?: number;
  readonly clock?: Clock;
}

/**
 * Connects to the running node of a home; each call is one connection of its own, so nothing needs to be closed.
 * @param path - from `controlSocketPath`
 * @param options - timeout, clock
 * @throws GgenError `registry.not-running` when nobody listens
 * @throws GgenError `control.unreachable` when it does not answer, or its directory is not private
 */
export async function connectControl(path: string, options: ConnectControlOptions = {}): Promise<NodeApi> {
  const connection: Connection = {
    path,
    timeoutMs: options.timeoutMs ?? 10_000,
    clock: options.clock ?? systemClock,
  };
  await requirePrivateDirectory(dirname(path)).catch((error: unknown) => {
    throw isGgenError(error)
      ? error
      : new GgenError("registry.not-running", "The node is not running", { cause: error });
  });
  await greet(connection);
  return createClient(connection);
}

/** Makes sure that a node of this protocol is there before anything is asked of it. */
async function greet(connection: Connection): Promise<void> {
  const response = await send(connection, { method: "GET", path: "/v1" }, undefined, undefined);
  const lines: string[] = [];
  try {
    for await (const line of readLines(response, 1024)) lines.push(line);
    if ((JSON.parse(lines[0] ?? "") as { control?: unknown }).control === 1) return;
  } catch {
    // Falls through: whatever it was, it is not a node.
  } finally {
    response.destroy();
  }
  throw new GgenError("control.unreachable", "What listens on the control socket is not a node of this version", {
    expected: "control protocol 1",
    got: (lines[0] ?? "nothing").slice(0, 80),
  });
}

function createClient(connection: Connection): NodeApi {
  const client: Record<string, unknown> = {};
  for (const [name, shape] of methods) {
    const invoke = async (params: unknown, options: CallOptions | undefined): Promise<unknown> =>
      (await call(connection, name, params, options)) ?? undefined;
    client[name] =
      shape === undefined
        ? (options?: CallOptions) => invoke(undefined, options)
        : (params: unknown, options?: CallOptions) => invoke(params, options);
  }
  return client as unknown as NodeApi;
}
