import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createHome, type NodeProcess, startNode } from "@ggen/testkit";

/** Starts the node that others fetch from; nobody kills it before its time. */
export function startHolder(): Promise<NodeProcess> {
  return startNode({ home: createHome(), cwd: tmpdir() });
}

/** Has a home look for a node whenever a command needs the network. */
export function joinHolder(home: string, { addresses }: NodeProcess): void {
  writeFileSync(
    join(home, "config.toml"),
    `[network]\nmdns = false\n[p2p]\nbootstrap_nodes = ${JSON.stringify(addresses)}\n`,
  );
}

/** Makes a home one that never was on the network, so that two copies of it are not one peer at two places. */
export function forgetPeer(home: string): void {
  for (const name of ["identity.key", "ports.json"]) rmSync(join(home, name), { force: true });
}

/** An environment in which the nodes of a copy listen where no other one does. @param number - of the copy, from 0 */
export function ownAddress(number: number): Readonly<Record<string, string>> {
  return { GGEN_P2P_LISTEN: `/ip4/127.0.${1 + Math.floor(number / 250)}.${1 + (number % 250)}/tcp/0` };
}
