import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import { withScratch, writePackage } from "../nodes/sample-package.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";

const runs = 9;

/** From `publish` to others that find it. */
export const publish: Scenario = {
  name: "publish",
  run: () =>
    withScratch(async (scratch) => {
      const two = await measure(scratch, "pair", 2);
      const eight = await measure(scratch, "mesh", 8);
      const target = { limit: 1000, better: "lower" } as const;
      const row = (figure: string, condition: string, samples: readonly number[]): Row => {
        return { figure, condition, value: median(samples), unit: "ms", samples: samples.length };
      };
      return [
        { ...row("publish", "6 KB, stored, announced and provided; 2 nodes", two.published), target },
        { ...row("publish, 8 nodes", "6 KB, stored, announced and provided", eight.published), target },
        row("publish to searchable", "call to found on the other of 2 nodes", two.searchable),
        row(
          "publish to searchable, 8 nodes",
          "call to found on all 7 others, 9 processes on this machine",
          eight.searchable,
        ),
      ];
    }),
};

async function measure(
  scratch: string,
  name: string,
  count: number,
): Promise<{ published: number[]; searchable: number[] }> {
  const nodes: BenchNode[] = [];
  for (let index = 0; index < count; index += 1) nodes.push(await startBenchNode(nodes.slice(0, 1)));
  try {
    const [publisher, ...others] = nodes as [BenchNode, ...BenchNode[]];
    const published: number[] = [];
    const searchable: number[] = [];
    // The first run makes the publisher and meets a DHT that is not warm.
    for (let run = -1; run < 2 * runs; run += 1) {
      const id = `io.ggen.bench.${name}${run + 1}`;
      const folder = await writePackage(scratch, { id, bytes: 6000 });
      const since = performance.now();
      const found = run % 2 === 0 ? untilFound(others, id, `${name}${run + 1}`, since) : undefined;
      const result = await publisher.api.publish({ path: folder });
      const publishedMs = performance.now() - since;
      if (!result.announced || !result.provided) throw new Error(`${id} was not announced and provided`);
      // Those who ask take time from those who publish: so each is measured without the other.
      if (found !== undefined) searchable.push(await found);
      else if (run > 0) published.push(publishedMs);
    }
    return { published, searchable };
  } finally {
    await stopNodes(nodes);
  }
}

/** Milliseconds until a search on each of the nodes finds the package. */
async function untilFound(nodes: readonly BenchNode[], id: string, text: string, since: number): Promise<number> {
  const isFound = async (node: BenchNode): Promise<boolean> => {
    const page = await node.api.search({ text, limit: 1 });
    return page.results[0]?.package.id === id;
  };
  const intervalMs = 2 * nodes.length;
  await Promise.all(nodes.map((node) => pollUntil(`${id} found`, () => isFound(node), { intervalMs })));
  return performance.now() - since;
}
