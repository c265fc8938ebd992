import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import type { Scenario } from "../scenario.ts";

const runs = 3;

/** A node with fewer than three peers looks for those it knows. */
export const reconnect: Scenario = {
  name: "reconnect",
  async run() {
    const node = await startBenchNode();
    const stable = [await startBenchNode([node]), await startBenchNode([node])];
    let third = await startBenchNode([node]);
    const samples: number[] = [];
    try {
      await untilPeers(node, 3);
      for (let run = 0; run < runs; run += 1) {
        await third.process.kill();
        await untilPeers(node, 2);
        // It is told of nobody: whoever dials, dials because it remembers.
        third = await startBenchNode([], third.process.home);
        const since = performance.now();
        await untilPeers(node, 3);
        samples.push(performance.now() - since);
      }
    } finally {
      await stopNodes([third, ...stable, node]);
    }
    return [
      {
        figure: "reconnection below 3 peers",
        condition: "a lost peer listens again, until it is connected again",
        value: median(samples),
        unit: "ms",
        samples: runs,
        target: { limit: 30_000, better: "lower" },
      },
    ];
  },
};

async function untilPeers(node: BenchNode, count: number): Promise<void> {
  await pollUntil(`${count} peers`, async () => (await node.api.status()).connectedPeers === count);
}
