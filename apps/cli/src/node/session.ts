import { isGgenError, type NodeApi, systemClock } from "@ggen/p2p-types";

import { connectDaemon, type Environment, findDaemon } from "./home.ts";
import type { LocalNode } from "./local.ts";

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

/** How long a command waits for a home that another process uses. */
const busyHomeMs = 5_000;
const pollMs = 100;

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
  const local = await openFreeHome(options);
  return "close" in local
    ? toSession(local.api, need === "read" ? "replica" : "short-lived", () => local.close())
    : toSession(local.daemon, "daemon");
}

/**
 * Opens this home's data as soon as it is free: another command ends soon, and a node that has just been started holds the
 * home a moment before it answers.
 */
async function openFreeHome(options: OpenNodeOptions): Promise<LocalNode | { readonly daemon: NodeApi }> {
  const { openLocal } = await import("./local.ts");
  const end = systemClock.monotonic() + busyHomeMs;
  for (let told = false; ; told = true) {
    try {
      return await openLocal(options);
    } catch (error) {
      if (!isGgenError(error, "home.locked") || systemClock.monotonic() >= end) throw error;
      if (!told) options.note(`${error.message}; waiting for it`);
    }
    await systemClock.sleep(pollMs, options.signal);
    const daemon = await findDaemon(options.env);
    if (daemon !== undefined) return { daemon };
  }
}

function toSession(api: NodeApi, mode: NodeSession["mode"], end: () => Promise<void> = async () => {}): NodeSession {
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end());
  return { api, mode, close, [Symbol.asyncDispose]: close };
}
