import type { P2PRegistry } from "@ggen/p2p-registry";
import { median } from "../measure/median.ts";
import { closeRegistries, startRegistries } from "../nodes/in-process.ts";
import type { Scenario } from "../scenario.ts";

const nodes = 8;
const runs = 15;
const settleMs = 3000;

/** From the publisher's own catalogue to the last of the others. */
export const gossip: Scenario = {
  name: "gossip",
  async run() {
    const registries = await startRegistries(nodes);
    const stop = new AbortController();
    try {
      const arrivals = createArrivals(registries, stop.signal);
      // A mesh forms over a few heartbeats.
      await new Promise((resolve) => setTimeout(resolve, settleMs));
      const samples: number[] = [];
      for (let run = 0; run < runs; run += 1) {
        const id = `io.ggen.bench.gossip${run}`;
        const complete = arrivals.complete(id);
        const publisher = registries[run % nodes] as P2PRegistry;
        await publisher.publish({
          id,
          version: "1.0.0",
          name: id,
          description: "a message",
          license: "MIT",
          files: { "a.txt": id },
        });
        samples.push(await complete);
      }
      return [
        {
          figure: "gossip",
          condition: `own catalogue to the last of ${nodes - 1} others, mesh of 6, one process`,
          value: median(samples),
          unit: "ms",
          samples: runs,
          target: { limit: 200, better: "lower" },
        },
      ];
    } finally {
      stop.abort();
      await closeRegistries(registries);
    }
  },
};

/** Notes when each package reaches each node. */
function createArrivals(
  registries: readonly P2PRegistry[],
  signal: AbortSignal,
): { complete(id: string): Promise<number> } {
  const times = new Map<string, number[]>();
  const waiting = new Map<string, (durationMs: number) => void>();
  const listen = async (registry: P2PRegistry): Promise<void> => {
    for await (const update of registry.subscribe(undefined, signal)) {
      const seen = [...(times.get(update.id) ?? []), performance.now()];
      times.set(update.id, seen);
      if (seen.length === registries.length) waiting.get(update.id)?.(Math.max(...seen) - Math.min(...seen));
    }
  };
  for (const registry of registries) void listen(registry);
  return {
    complete: (id) =>
      new Promise((resolve) => {
        waiting.set(id, resolve);
      }),
  };
}
