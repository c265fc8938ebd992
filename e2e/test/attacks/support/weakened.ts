import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { createHome, type NodeProcess, startNode } from "@ggen/testkit";
import { vi } from "vitest";

import { weaknesses } from "../../../hostile/weakened/weaknesses.ts";

const hooks = pathToFileURL(join(import.meta.dirname, "../../../hostile/weakened/weaken.ts")).href;

/**
 * Starts a node of the product with one mechanism taken out: from source, for the built CLI has no names left in it.
 * @param weakness - a name in `hostile/weakened/weaknesses.ts`
 * @param args - added to the command line of `start`
 * @param home - an empty one when absent
 * @throws Error when a text to replace was not found
 */
export async function startWeakened(
  weakness: string,
  args: readonly string[] = [],
  home: string = createHome(),
): Promise<NodeProcess> {
  const env = { NODE_OPTIONS: `--import=${hooks}`, GGEN_TEST_WEAKNESS: weakness };
  const node = await startNode({ home, args, cli: "source", env });
  const expected = weaknesses[weakness]?.edits.map(({ module }) => `weakened: ${weakness} in ${module}\n`) ?? [];
  await vi.waitUntil(() => expected.every((line) => node.output().includes(line)), { timeout: 10_000 });
  return node;
}
