import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";

import { GgenError, type NodeApi } from "@ggen/p2p-types";
import { onTestFinished } from "vitest";

import { connectControl, type ControlServer, serveControl, type ServeControlOptions } from "../src/index.ts";

/** A home of its own with a short path, removed after the test. */
export async function createHome(): Promise<string> {
  const home = await mkdtemp("/tmp/gc-");
  onTestFinished(() => rm(home, { recursive: true, force: true }));
  return home;
}

/** A node that answers from the given methods; every other one refuses. */
export function createNode(methods: Partial<NodeApi>): NodeApi {
  return new Proxy(methods, {
    get: (target, name) =>
      Reflect.get(target, name) ??
      (() => Promise.reject(new GgenError("internal", `${String(name)} is not part of this test`))),
  }) as NodeApi;
}

/** A served node with a client connected to it. */
export interface Served {
  readonly path: string;
  readonly server: ControlServer;
  readonly client: NodeApi;
}

/** Serves a node on a socket of its own and connects to it. */
export async function serve(api: Partial<NodeApi>, options: Partial<ServeControlOptions> = {}): Promise<Served> {
  const path = join(await createHome(), "run", "control.sock");
  const server = await serveControl({ path, api: createNode(api), ...options });
  onTestFinished(() => server.close());
  return { path, server, client: await connectControl(path) };
}
