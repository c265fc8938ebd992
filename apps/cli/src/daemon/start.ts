import { resolve } from "node:path";

import { type LoadedConfig, loadConfig } from "@ggen/p2p-config";
import { makeFolders } from "@ggen/p2p-gpack";
import { GgenError, systemClock, systemReason, toGgenError } from "@ggen/p2p-types";

import { logFilePath, openLogFile } from "../log/log-file.ts";
import { createTextLogger } from "../log/text-logger.ts";
import { type Environment, findDaemon } from "../node/home.ts";
import { plainValue } from "../render/plain.ts";
import { parseEndpoint } from "./endpoint.ts";
import { type Listening, renderListening } from "./listening.ts";
import { runNode } from "./run-node.ts";
import { type ChildMessage, spawnDaemon } from "./spawn.ts";
import { handleStopSignals } from "./stop-signals.ts";

/** Flags of `start`, as given. */
export interface StartFlags {
  readonly listen?: readonly string[] | undefined;
  readonly bootstrap?: readonly string[] | undefined;
  readonly dhtServer?: boolean | undefined;
  readonly config?: string | undefined;
  readonly http?: string | undefined;
}

/** The configuration under the flags, checked before anything is started. */
async function load(flags: StartFlags, env: Environment): Promise<LoadedConfig> {
  const endpoint = flags.http === undefined ? undefined : parseEndpoint(flags.http);
  return loadConfig({
    env,
    ...(flags.config === undefined ? {} : { file: resolve(flags.config) }),
    flags: {
      "p2p.listen_addresses": flags.listen,
      "p2p.bootstrap_nodes": flags.bootstrap,
      "p2p.dht_server_mode": flags.dhtServer,
      "http.host": endpoint?.host,
      "http.port": endpoint?.port,
    },
  });
}

async function refuseSecondNode(env: Environment): Promise<void> {
  const daemon = await findDaemon(env);
  if (daemon === undefined) return;
  const { pid, home } = await daemon.status();
  throw new GgenError("registry.already-running", `A node of ${home} already runs: process ${pid}`, {
    data: { pid, home },
  });
}

/** The flags as a command line for the child. Only what was given: its environment and file are the same. */
function toArgv(flags: StartFlags): string[] {
  return [
    "marketplace",
    "p2p",
    "start",
    "--supervised",
    ...(flags.listen ?? []).map((address) => `--listen=${address}`),
    ...(flags.bootstrap ?? []).map((address) => `--bootstrap=${address}`),
    ...(flags.dhtServer === undefined ? [] : [flags.dhtServer ? "--dht-server" : "--no-dht-server"]),
    ...(flags.config === undefined ? [] : [`--config=${resolve(flags.config)}`]),
    ...(flags.http === undefined ? [] : [`--http=${flags.http}`]),
  ];
}

/**
 * Starts a node in the background.
 * @param signal - cancels the start
 * @returns what it says when it listens, and warnings about the configuration
 * @throws GgenError `registry.already-running`, `config.invalid`, and whatever stops the node from starting
 */
export async function startDaemon(
  flags: StartFlags,
  env: Environment,
  signal: AbortSignal,
): Promise<{ readonly listening: Listening; readonly warnings: readonly string[] }> {
  const { home, warnings } = await load(flags, env);
  await refuseSecondNode(env);
  await createPrivateHome(home);
  return { listening: await spawnDaemon({ argv: toArgv(flags), home, signal }), warnings };
}

async function createPrivateHome(home: string): Promise<void> {
  try {
    await makeFolders(home, 0o700);
  } catch (cause) {
    throw new GgenError("home.unwritable", `The folder ${home} cannot be made`, {
      expected: "a folder that this user may create and write",
      got: systemReason(cause),
      cause,
    });
  }
}

/**
 * Runs a node in this process until it is stopped.
 * @param how - whether stdout is JSON lines; whether this is the daemon's own process
 * @throws GgenError as {@link startDaemon}
 */
export async function startForeground(
  flags: StartFlags,
  env: Environment,
  how: { readonly json: boolean; readonly supervised: boolean },
): Promise<void> {
  const stop = handleStopSignals({ ignoreHangUp: how.supervised });
  const tell = (message: ChildMessage): Promise<void> =>
    new Promise((resolve) => {
      if (process.send === undefined || !process.connected) resolve();
      else
        process.send(message, () => {
          if (process.connected) process.disconnect();
          resolve();
        });
    });
  try {
    const loaded = await load(flags, env);
    await refuseSecondNode(env);
    await createPrivateHome(loaded.home);
    // Whatever becomes of the folder it was started in, the node goes on; relative paths have been resolved.
    process.chdir(loaded.home);
    const file = how.supervised ? openLogFile(logFilePath(loaded.home)) : undefined;
    const logger = createTextLogger({
      spec: loaded.log,
      name: "ggen",
      clock: systemClock,
      write: file?.write ?? ((line) => process.stderr.write(line)),
    });
    process.on("unhandledRejection", (reason) => {
      logger.log("error", "a promise was rejected and nobody handled it", { reason: String(reason) });
    });
    for (const warning of loaded.warnings) logger.log("warn", warning);
    const onListening = (listening: Listening): void => {
      if (how.supervised) void tell({ listening });
      else if (how.json) process.stdout.write(`${JSON.stringify({ schema: 1, ...listening })}\n`);
      else process.stdout.write(`${renderListening(plainValue(listening))}Ctrl-C stops the node.\n`);
    };
    const gateway = flags.http !== undefined;
    await runNode({
      loaded,
      env: { ...env, GGEN_HOME: loaded.home },
      gateway,
      logger,
      ...(file === undefined ? {} : { logFile: file.path }),
      stop,
      onListening,
    });
    if (how.json && !how.supervised) process.stdout.write(`${JSON.stringify({ schema: 1, event: "stopped" })}\n`);
    logger.log("info", "stopped");
  } catch (thrown) {
    const error = toGgenError(thrown);
    if (stop.signal.aborted && error.code === "aborted") return;
    if (how.supervised) await tell({ failed: error.toJSON() });
    throw error;
  }
}
