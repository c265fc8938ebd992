import { type IncomingMessage, request } from "node:http";
import { buffer } from "node:stream/consumers";

import { afterEach, beforeEach } from "vitest";

import { type GatewayLimits, type RunningGateway, startGateway } from "../../src/index.ts";
import { MemoryBackend } from "./memory-backend.ts";

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  text(): string;
  /** The body as JSON. */
  json(): unknown;
}

/** A gateway that each test of a file gets anew. */
export interface TestGateway {
  readonly backend: MemoryBackend;
  readonly gateway: RunningGateway;
  /** Sends a path exactly as it is written. */
  readonly get: (
    path: string,
    headers?: Readonly<Record<string, string | string[]>>,
    method?: string,
  ) => Promise<Answer>;
}

/** Sends a request without tidying its path, and without a pool. */
export async function send(
  port: number,
  path: string,
  headers: Readonly<Record<string, string | string[]>> = {},
  method = "GET",
): Promise<Answer> {
  const outgoing = request({ host: "127.0.0.1", port, path, method, headers, agent: false });
  outgoing.end();
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once("response", resolve);
    outgoing.once("error", reject);
  });
  const body = await buffer(incoming);
  return {
    status: incoming.statusCode ?? 0,
    headers: incoming.headers as Record<string, string | undefined>,
    body,
    text: () => body.toString("utf8"),
    json: () => JSON.parse(body.toString("utf8")),
  };
}

/** Starts a gateway before each test of a file and closes it after. */
export function useGateway(limits: Partial<GatewayLimits> = {}): TestGateway {
  const held = {} as { backend: MemoryBackend; gateway: RunningGateway };
  beforeEach(async () => {
    held.backend = new MemoryBackend();
    held.gateway = await startGateway({ backend: held.backend, host: "127.0.0.1", port: 0, limits });
  });
  afterEach(() => held.gateway.close());
  return {
    get backend() {
      return held.backend;
    },
    get gateway() {
      return held.gateway;
    },
    get: (path, headers, method) => send(held.gateway.port, path, headers, method),
  };
}
