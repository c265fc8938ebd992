import { loadConfig } from "@ggen/p2p-config";
import type { P2PRegistry } from "@ggen/p2p-registry";
import { type ErrorCode, isGgenError, type NodeApi, systemClock } from "@ggen/p2p-types";

import { createTextLogger } from "../log/text-logger.ts";
import { overrideApi } from "./override.ts";
import type { OpenNodeOptions } from "./session.ts";

/** A node in this process. */
export interface LocalNode {
  readonly api: NodeApi;
  close(): Promise<void>;
}

/**
 * Opens this home's data in this process: read-only for reading commands, otherwise as its only user.
 * @throws GgenError `home.locked`, `home.unwritable`, `config.invalid`
 */
export async function openLocal({ need, env, signal, note }: OpenNodeOptions): Promise<LocalNode> {
  const { config, home, log } = await loadConfig({ env });
  const logger = createTextLogger({
    spec: env["GGEN_LOG"] === undefined && env["RUST_LOG"] === undefined ? { ...log, level: "error" } : log,
    name: "ggen",
    clock: systemClock,
    write: (line) => process.stderr.write(line),
  });
  const { P2PRegistry, createNodeApi } = await import("@ggen/p2p-registry");
  const registry = await P2PRegistry.create(config, { home, readOnly: need === "read", logger });
  const close = (): Promise<void> => registry.close();
  const api = createNodeApi(registry);
  if (need === "read") note("the node is not running; this is what the local catalogue knows");
  if (need !== "install") return { api, close };
  const timeoutMs = config.p2p.queryTimeoutSecs * 1000;
  return { api: withNetwork({ api, registry, signal, note, timeoutMs }), close };
}

/** Errors that a network may cure. */
const curable: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  "registry.not-running",
  "registry.incomplete",
  "package.not-found",
  "package.version-not-found",
  "package.no-providers",
  "content.missing",
  "content.mismatch",
  "network.no-peers",
  "dependency.unresolvable",
]);

const isCurable = (error: unknown): boolean => isGgenError(error) && curable.has(error.code);

interface NetworkOptions {
  readonly api: NodeApi;
  readonly registry: P2PRegistry;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  /** How long to wait for the first sync. */
  readonly timeoutMs: number;
}

/** An api whose `install` starts the node when the local store is not enough, and tries again. */
function withNetwork({ api, registry, signal, note, timeoutMs }: NetworkOptions): NodeApi {
  return overrideApi(api, {
    async install(params, options) {
      try {
        return await api.install(params, options);
      } catch (error) {
        if (!isCurable(error)) throw error;
      }
      note("the node is not running and the local store is not enough; starting a node for this command");
      options?.onProgress?.({ step: "start", subject: "a node for this command" });
      await registry.start();
      await waitForSync(api, signal, timeoutMs);
      return api.install(params, options);
    },
  });
}

/** How long a node without any peer waits for one. */
const lonelyMs = 8_000;

/** Waits for the first sync; whoever asks next says what is missing when it did not come. */
async function waitForSync(api: NodeApi, signal: AbortSignal, timeoutMs: number): Promise<void> {
  const begun = systemClock.monotonic();
  for (;;) {
    const { state } = (await api.status({ signal })).sync;
    const limitMs = state === "waiting" ? Math.min(lonelyMs, timeoutMs) : timeoutMs;
    if (state === "synced" || state === "asking" || systemClock.monotonic() - begun >= limitMs) return;
    await systemClock.sleep(100, signal);
  }
}
