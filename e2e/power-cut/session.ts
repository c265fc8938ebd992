import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { connectControl, controlSocketPath } from "@ggen/p2p-control";
import type { NodeApi } from "@ggen/p2p-types";
import { ggen, homeEnvironment, type NodeProcess, startNode } from "@ggen/testkit";

import type { Provider } from "./provider.ts";

/** A node that runs on the disk whose power is cut. */
export interface Session {
  readonly process: NodeProcess;
  readonly node: NodeApi;
}

const quiet = "[network]\nmdns = false\n";
const connectTimeoutMs = 30_000;
const pollMs = 10;

/**
 * Makes a home in which a node keeps to itself, durably: one that lost its configuration with the power would look for
 * others on this machine, and take what another rig published for what it had.
 */
export function prepareHome(home: string): void {
  mkdirSync(join(home, "user"), { recursive: true });
  writeFileSync(join(home, "config.toml"), quiet, { flush: true });
  for (const folder of [home, dirname(home)]) {
    const descriptor = openSync(folder, "r");
    fsyncSync(descriptor);
    closeSync(descriptor);
  }
}

/** Starts the node of a home. @throws Error when it does not start */
export async function openSession(home: string, env: Readonly<Record<string, string>>): Promise<Session> {
  if (readFileSync(join(home, "config.toml"), "utf8") !== quiet) throw new Error("The configuration was lost");
  const process = await startNode({ home, env, cwd: tmpdir() });
  const node = await connectControl(controlSocketPath(home, homeEnvironment(home)), { timeoutMs: 60_000 });
  return { process, node };
}

/** Connects it to the provider, and waits until it knows all that the provider knows. @throws Error when it cannot */
export async function connect({ node, process }: Session, provider: Provider): Promise<void> {
  provider.release();
  const { results } = await node.bootstrap({ addresses: provider.addresses, timeoutMs: connectTimeoutMs });
  if (!results.some(({ connected }) => connected))
    throw new Error(`The provider cannot be reached: ${JSON.stringify(results)}`);
  for (let waitedMs = 0; (await node.status()).sync.state !== "synced"; waitedMs += pollMs) {
    if (waitedMs >= connectTimeoutMs) throw new Error(`The catalogues do not become equal\n${process.output()}`);
    await delay(pollMs);
  }
}

/** What `doctor` holds to be wrong, one line each. */
export async function complaints(home: string): Promise<string[]> {
  const result = await ggen(home, ["doctor", "--json"], { cwd: tmpdir() });
  const { healthy } = result.json() as { readonly healthy: boolean };
  return healthy ? [] : [`the doctor is not content: ${result.stdout}`];
}
