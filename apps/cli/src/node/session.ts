import { isGgenError, type NodeApi, systemClock } from "@ggen/p2p-types";

import { connectDaemon, type Environment, findDaemon } from "./home.ts";

/**
 * What a command needs of a node: `read` is answered by the local replica when none runs; `publish` writes to the home
 * without a network; `install` starts a network when the local store is not enough; `live` is about the running node.
 */
export type SessionNeed = "read" | "publish" | "install" | "live";

/** A node for the time of one command. */
export interface NodeSession {
  readonly api: NodeApi;
  /** `daemon`: the running node; `replica`: local data, read-only; `short-lived`: a node of this process. */
  readonly mode: "daemon" | "replica" | "short-lived";
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** What {@link openNode} needs. */
export interface OpenNodeOptions {
  readonly need: SessionNeed;
  readonly env: Environment;
  readonly signal: AbortSignal;
  /** Says how the command is answered when no node runs. */
  readonly note: (text: string) => void;
}

const startingNodeMs = 5_000;

/**
 * Opens what answers a command: the running node, otherwise this home's data in this process.
 * @throws GgenError `registry.not-running` when a `live` node is needed and none runs
 * @throws GgenError `home.locked` when another process uses the home and does not answer
 */
export async function openNode(options: OpenNodeOptions): Promise<NodeSession> {
  const { need, env } = options;
  if (need === "live") return toSession(await connectDaemon(env), "daemon");
  const daemon = await findDaemon(env);
  if (daemon !== undefined) return toSession(daemon, "daemon");
  const { openLocal } = await import("./local.ts");
  try {
    const local = await openLocal(options);
    return toSession(local.api, need === "read" ? "replica" : "short-lived", () => local.close());
  } catch (error) {
    if (!isGgenError(error, "home.locked")) throw error;
    // A node that has just been started holds the home a moment before it listens.
    const started = await waitForDaemon(env, options.signal);
    if (started === undefined) throw error;
    return toSession(started, "daemon");
  }
}

async function waitForDaemon(env: Environment, signal: AbortSignal): Promise<NodeApi | undefined> {
  const end = systemClock.monotonic() + startingNodeMs;
  while (systemClock.monotonic() < end) {
    const daemon = await findDaemon(env);
    if (daemon !== undefined) return daemon;
    await systemClock.sleep(100, signal);
  }
  return undefined;
}

function toSession(api: NodeApi, mode: NodeSession["mode"], end: () => Promise<void> = async () => {}): NodeSession {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end());
  return { api, mode, close, [Symbol.asyncDispose]: close };
}
