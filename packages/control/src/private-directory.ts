import { chmod, lstat, mkdir } from "node:fs/promises";

import { GgenError } from "@ggen/p2p-types";

/** Why a directory is not this user's alone, or undefined when it is. */
async function findFault(directory: string): Promise<string | undefined> {
  const stat = await lstat(directory);
  if (!stat.isDirectory()) return "it is not a directory";
  const user = process.getuid?.();
  if (user !== undefined && stat.uid !== user) return `it belongs to user ${stat.uid}, not ${user}`;
  if ((stat.mode & 0o077) !== 0) return `its mode is ${(stat.mode & 0o777).toString(8)}`;
  return undefined;
}

/**
 * Creates the directory of the control socket, 0700. One that exists is tightened when it is ours and refused when it
 * is not: somebody else may have made it first in a shared temporary directory.
 * @param directory - absolute path
 * @throws GgenError `home.unwritable`
 */
export async function ensurePrivateDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const stat = await lstat(directory);
    if (stat.isDirectory() && stat.uid === process.getuid?.()) await chmod(directory, 0o700);
  } catch (error) {
    throw new GgenError("home.unwritable", `The directory of the control socket cannot be made: ${directory}`, {
      cause: error,
    });
  }
  const fault = await findFault(directory);
  if (fault !== undefined) {
    throw new GgenError("home.unwritable", `The directory of the control socket is not private: ${directory}`, {
      expected: "a directory of this user, mode 700",
      got: fault,
    });
  }
}

/**
 * Refuses to talk over a socket that somebody else may have placed.
 * @param directory - absolute path
 * @throws GgenError `control.unreachable` when it exists and is not private
 */
export async function requirePrivateDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const fault = await findFault(directory);
  if (fault !== undefined) {
    throw new GgenError("control.unreachable", `The directory of the control socket is not private: ${directory}`, {
      expected: "a directory of this user, mode 700",
      got: fault,
      hint: "Correct its owner and mode, then start the node again.",
    });
  }
}
