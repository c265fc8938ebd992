import { loadConfig } from "@ggen/p2p-config";
import { errorTable, familyVersion, systemClock, toGgenError } from "@ggen/p2p-types";

import { helpText, parseServerArguments } from "./alone/arguments.ts";
import { createLineLogger } from "./alone/line-logger.ts";
import { describeError } from "./http/gateway-error.ts";

/** What a server alone has of its process. */
export interface ServerProcess {
  /** The command line after the program. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
  /** Ends the server. */
  readonly signal: AbortSignal;
}

/**
 * Runs a node with its gateway until told to stop.
 * @param process - arguments, environment, output, when to stop
 * @returns the exit status; errors were printed
 */
export async function runServer(process: ServerProcess): Promise<number> {
  try {
    await serve(process);
    return 0;
  } catch (thrown) {
    if (process.signal.aborted) return 0;
    const error = toGgenError(thrown);
    const { message, hint } = describeError(error).body.error;
    process.stderr(`Error: ${error.code === "internal" ? error.message : message} [${error.code}]\n  → ${hint}\n`);
    return errorTable[error.code].exit;
  }
}

async function serve({ args, env, stdout, stderr, signal }: ServerProcess): Promise<void> {
  const { help, version, home: wantedHome, host, port } = parseServerArguments(args);
  if (help || version) {
    stdout(help ? helpText : `ggen-server ${familyVersion}\n`);
    return;
  }
  const { config, home, warnings, log } = await loadConfig({
    env,
    ...(wantedHome === undefined ? {} : { home: wantedHome }),
    flags: { "http.host": host, "http.port": port },
  });
  const logger = createLineLogger(stderr, log, systemClock);
  for (const warning of warnings) logger.log("warn", warning);

  // Late, so that a wrong command line or configuration is answered before libp2p and fastify are loaded.
  const [{ P2PRegistry }, { startGateway }] = await Promise.all([import("@ggen/p2p-registry"), import("./listen.ts")]);
  await using resources = new AsyncDisposableStack();
  const registry = await P2PRegistry.create(config, { home, logger: logger.child("node") });
  resources.defer(() => registry.close());
  await registry.start(signal);
  const gateway = await startGateway({ backend: registry, ...config.http, logger: logger.child("http") });
  resources.defer(() => gateway.close());
  stdout(`ggen gateway of ${registry.peerId} on ${gateway.url}\n`);
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
  logger.log("info", "stopping");
}
