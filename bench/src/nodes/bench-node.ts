import { connectControl, controlSocketPath } from "@ggen/p2p-control";
import type { NodeApi } from "@ggen/p2p-types";
import { createHome, homeEnvironment, startNode } from "@ggen/testkit";
import type { NodeProcess } from "@ggen/testkit";

/** A node in a process of its own, driven over its control socket so that no CLI start is in the figures. */
export interface BenchNode {
  readonly process: NodeProcess;
  readonly api: NodeApi;
}

// What was just published need not have aged, and nodes meet only when a scenario says so.
const config = "[network]\nmdns = false\n\n[install]\ncooldown_hours = 0\n";

/** An empty home whose node keeps to itself. */
export function quietHome(): string {
  return createHome({ config });
}

/** Starts a node with the built CLI and connects to it. */
export async function startBenchNode(
  bootstrap: readonly BenchNode[] = [],
  home: string = quietHome(),
): Promise<BenchNode> {
  const addresses = bootstrap.flatMap((node) => node.process.addresses.slice(0, 1));
  const args = addresses.length === 0 ? [] : ["--bootstrap", addresses.join(",")];
  const process = await startNode({ home, args, cli: "built" });
  const api = await connectControl(controlSocketPath(home, homeEnvironment(home)));
  return { process, api };
}

/** Ends nodes, all at once. */
export async function stopNodes(nodes: readonly BenchNode[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.process.stop()));
}
