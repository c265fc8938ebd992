import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { timeMs, timeRuns } from "../measure/time.ts";
import { startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import { withScratch, writePackage } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";

const packages = 1000;
const runs = 50;
const subjects = [
  "rust",
  "python",
  "ontology",
  "shape",
  "query",
  "schema",
  "template",
  "graph",
  "service",
  "client",
] as const;

/** Search in a catalogue of 1,000 packages, and how it comes to a node that joins. */
export const search: Scenario = {
  name: "search",
  run: () =>
    withScratch(async (scratch) => {
      const first = await startBenchNode();
      for (let index = 0; index < packages; index += 1) {
        const subject = subjects[index % subjects.length] ?? "rust";
        const description = `Generates a ${subject} number ${index} from an ontology, with tests`;
        const folder = await writePackage(scratch, {
          id: `io.ggen.bench.${subject}.n${index}`,
          description,
          tags: [subject],
          bytes: 200,
        });
        await first.api.publish({ path: folder });
      }
      let joined: BenchNode | undefined;
      const syncMs = await timeMs(async () => {
        const node = await startBenchNode([first]);
        joined = node;
        await pollUntil("the whole catalogue", async () => (await node.api.status()).packages === packages);
      });
      const node = joined ?? first;
      const samples = await timeRuns(runs, async (index) => {
        const text = `${subjects[index % subjects.length]} ontology`;
        const page = await node.api.search({ text, limit: 20 });
        if (page.total !== packages / subjects.length && page.total !== packages)
          throw new Error(`${text}: ${page.total} found`);
      });
      await stopNodes([node, first]);
      return [
        {
          figure: "search, 1,000 packages",
          condition: "two words, 20 results, over the control socket, from the local replica",
          value: median(samples),
          unit: "ms",
          samples: runs,
          target: { limit: 100, better: "lower" },
        },
        {
          figure: "join, 1,000 packages",
          condition: "process start to the whole catalogue",
          value: syncMs,
          unit: "ms",
          samples: 1,
        },
      ];
    }),
};
