import { defineConfig } from "@ggen/p2p-config";
import { P2PRegistry } from "@ggen/p2p-registry";

import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { timeMs } from "../measure/time.ts";
import { quietHome } from "../nodes/bench-node.ts";
import { withScratch, writePackage } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";

const runs = 25;

/** A package of 6 KB, from its name to its verified bytes on the disk. */
export const smallPackage: Scenario = {
  name: "small-package",
  run: () =>
    withScratch(async (scratch) => {
      const holder = await startRegistry([]);
      const asker = await startRegistry(holder.addresses.slice(0, 1));
      const samples: number[] = [];
      try {
        // The first ones are not counted: they open the stream and warm the compiler.
        for (let run = -5; run < runs; run += 1) {
          const id = `io.ggen.bench.tiny${run + 5}`;
          await holder.publish(await writePackage(scratch, { id, bytes: 6000 }));
          await pollUntil(`${id} known`, async () => (await asker.get(id)) !== undefined);
          const durationMs = await timeMs(async () => {
            const release = await asker.get(id);
            if (release === undefined) throw new Error(`${id} is not known`);
            await asker.ensureContent(release);
          });
          if (run >= 0) samples.push(durationMs);
        }
      } finally {
        await Promise.all([asker.close(), holder.close()]);
      }
      return [
        {
          figure: "resolve and fetch 6 KB",
          condition: "from its id to verified and durable, connected, both nodes in one process",
          value: median(samples),
          unit: "ms",
          samples: runs,
          target: { limit: 10, better: "lower" },
        },
      ];
    }),
};

async function startRegistry(bootstrapNodes: readonly string[]): Promise<P2PRegistry> {
  const config = defineConfig({
    p2p: { listenAddresses: ["/ip4/127.0.0.1/tcp/0"], bootstrapNodes: [...bootstrapNodes] },
    network: { mdns: false },
    install: { cooldownHours: 0 },
  });
  const registry = await P2PRegistry.create(config, { home: quietHome() });
  await registry.start();
  return registry;
}
