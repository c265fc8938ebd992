import { median } from "../measure/median.ts";
import { timeMs } from "../measure/time.ts";
import type { P2PRegistry } from "@ggen/p2p-registry";
import { closeRegistries, startRegistries } from "../nodes/in-process.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";

const nodes = 20;
const fanOut = 3;

/** Looking one id up through the DHT of 20 nodes. */
export const dht: Scenario = {
  name: "dht",
  async run() {
    const registries = await startRegistries(nodes);
    try {
      const [publisher, ...others] = registries as [P2PRegistry, ...P2PRegistry[]];
      const id = "io.ggen.bench.dht";
      const draft = {
        id,
        version: "1.0.0",
        name: "dht",
        description: "sought",
        license: "MIT",
        files: { "a.txt": "a" },
      };
      const { provided } = await publisher.publish(draft);
      if (!provided) throw new Error("the package has no provider record");
      const ask = async (look: (registry: P2PRegistry) => Promise<unknown>): Promise<number[]> => {
        const samples: number[] = [];
        for (const registry of others) {
          samples.push(
            await timeMs(async () => {
              if ((await look(registry)) === undefined) throw new Error("nothing was found");
            }),
          );
        }
        return samples;
      };
      const cold = await ask((registry) => registry.queryDht(id));
      const parallel = await ask((registry) => registry.queryDhtParallel(id, fanOut));
      const row = (figure: string, condition: string, samples: readonly number[], limit: number): Row => {
        return {
          figure,
          condition,
          value: median(samples),
          unit: "ms",
          samples: samples.length,
          target: { limit, better: "lower" },
        };
      };
      return [
        row("DHT query, cold", `first query of each of ${nodes - 1} nodes, one process`, cold, 500),
        row("DHT query, parallel", `fan-out ${fanOut}, ${nodes} nodes, one process`, parallel, 200),
      ];
    } finally {
      await closeRegistries(registries);
    }
  },
};
