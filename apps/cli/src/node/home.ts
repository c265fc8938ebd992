import { resolveHome } from "@ggen/p2p-config";
import { connectControl, controlSocketPath } from "@ggen/p2p-control";
import { GgenError, isGgenError, type NodeApi } from "@ggen/p2p-types";

/** The environment of the process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The running node of this home.
 * @returns undefined when there is none
 * @throws GgenError `control.unreachable` when there is one that does not answer
 */
export async function findDaemon(env: Environment): Promise<NodeApi | undefined> {
  try {
    return await connectDaemon(env);
  } catch (error) {
    if (isGgenError(error, "registry.not-running")) return undefined;
    throw error;
  }
}

/**
 * The running node of this home.
 * @throws GgenError `registry.not-running`, `control.unreachable`
 */
export async function connectDaemon(env: Environment): Promise<NodeApi> {
  const home = resolveHome(env);
  try {
    return await connectControl(controlSocketPath(home, env));
  } catch (error) {
    if (!isGgenError(error, "registry.not-running")) throw error;
    throw new GgenError("registry.not-running", `The node of ${home} is not running`, {
      expected: "a running node",
      got: "none",
      data: { home },
      cause: error,
    });
  }
}
