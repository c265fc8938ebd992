import { setFlagsFromString } from "node:v8";

import type { LoadedConfig } from "@ggen/p2p-config";
import { controlSocketPath, serveControl } from "@ggen/p2p-control";
import type { Logger } from "@ggen/p2p-types";

import type { Environment } from "../node/home.ts";
import { type Listening, toListening } from "./listening.ts";

/** What a node in this process is made of. */
export interface RunNodeOptions {
  readonly loaded: LoadedConfig;
  readonly env: Environment;
  /** Whether the HTTP gateway runs in the same process. */
  readonly gateway: boolean;
  readonly logger: Logger;
  readonly logFile?: string;
  /** Stops the node; what is under way ends cleanly. */
  readonly stop: AbortController;
  readonly onListening: (listening: Listening) => void;
}

/**
 * Runs a node with its gateway and control socket until it is stopped, and leaves nothing open.
 * @throws GgenError `home.locked`, `registry.already-running`, `network.listen-failed`, `http.port-taken`
 */
export async function runNode(options: RunNodeOptions): Promise<void> {
  paceCollection();
  const { loaded, env, logger, stop } = options;
  const { config, home } = loaded;
  await using resources = new AsyncDisposableStack();
  const { P2PRegistry, createNodeApi } = await import("@ggen/p2p-registry");
  const registry = await P2PRegistry.create(config, { home, logger });
  resources.defer(() => registry.close());
  stop.signal.throwIfAborted();
  await registry.start(stop.signal);
  let gateway: string | undefined;
  if (options.gateway) {
    const { startGateway } = await import("@ggen/p2p-server");
    const running = await startGateway({ backend: registry, ...config.http, logger: logger.child("http") });
    resources.defer(() => running.close());
    gateway = running.url;
  }
  const api = createNodeApi(registry, {
    gateway: () => gateway,
    ...(options.logFile === undefined ? {} : { logFile: options.logFile }),
    warnings: loaded.warnings,
    // The caller gets its answer first; the control server lets it leave.
    onStop: () => void setImmediate(() => stop.abort()),
  });
  const control = await serveControl({ path: controlSocketPath(home, env), api, logger: logger.child("control") });
  resources.defer(() => control.close());
  options.onListening(toListening(await api.status()));
  if (!stop.signal.aborted) {
    await new Promise<void>((resolve) => {
      stop.signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }
  logger.log("info", "stopping");
}

/**
 * A transfer makes buffers outside of the heap. V8 13 collects the whole heap for every 32 MiB of them, however small the
 * heap is: a third of the time of a large install. With this flag, the default of later versions, they count towards one
 * limit with the heap. Before the network loads, while there is nothing to collect.
 */
function paceCollection(): void {
  setFlagsFromString("--external-memory-accounted-in-global-limit");
}
