import { once } from "node:events";
import { lstat, unlink } from "node:fs/promises";
import { connect, type Server } from "node:net";
import { dirname } from "node:path";
import { isMainThread } from "node:worker_threads";

import { GgenError, toGgenError } from "@ggen/p2p-types";

import { ensurePrivateDirectory } from "../private-directory.ts";

/** Whether a process accepts connections at the path; a socket file that outlived its process does not. */
async function isAlive(path: string): Promise<boolean> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EAGAIN";
  } finally {
    socket.destroy();
  }
}

async function listenOnce(server: Server, path: string): Promise<void> {
  const listening = once(server, "listening");
  // bind() happens inside listen(), so the file is 0600 from its first moment. Workers may not set the umask.
  const previous = isMainThread && process.platform !== "win32" ? process.umask(0o177) : undefined;
  try {
    server.listen(path);
  } finally {
    if (previous !== undefined) process.umask(previous);
  }
  await listening;
}

/**
 * Makes a server listen on a unix socket that only this user can reach, replacing the file of a dead process.
 * @param server - not yet listening
 * @param path - absolute path, short enough
 * @throws GgenError `registry.already-running` when a live process listens there
 * @throws GgenError `home.unwritable` when its directory cannot be made private
 * @throws GgenError `storage.failed` when something else is in the way
 */
export async function listenPrivately(server: Server, path: string): Promise<void> {
  await ensurePrivateDirectory(dirname(path));
  try {
    await listenOnce(server, path);
    return;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE") throw toGgenError(error, "storage.failed");
  }
  if (await isAlive(path)) {
    throw new GgenError("registry.already-running", `A node already listens on ${path}`, { data: { path } });
  }
  const stat = await lstat(path).catch(() => undefined);
  if (stat !== undefined && !stat.isSocket()) {
    throw new GgenError("storage.failed", `The place of the control socket is taken: ${path}`, {
      expected: "a socket or nothing",
      got: stat.isDirectory() ? "a directory" : "another kind of file",
      hint: "Move it away and start the node again.",
    });
  }
  await unlink(path).catch(() => undefined);
  await listenOnce(server, path).catch((error: unknown) => {
    throw toGgenError(error, "storage.failed");
  });
}
