import { join } from "node:path";
import { transportLimit } from "../limits/transport.ts";
import { median } from "../measure/median.ts";
import { pollUntil } from "../measure/poll.ts";
import { timeMs } from "../measure/time.ts";
import { startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import type { BenchNode } from "../nodes/bench-node.ts";
import { withScratch, writePackage } from "../nodes/sample-package.ts";
import type { Scenario } from "../scenario.ts";

const smallRuns = 9;
const largeRuns = 3;
const largeBytes = 64_000_000;

/** From `install` to the folder in its place, bytes from one peer, every one of them verified and on disk. */
export const install: Scenario = {
  name: "install",
  run: () =>
    withScratch(async (scratch) => {
      const first = await startBenchNode();
      const second = await startBenchNode([first]);
      try {
        const small = await measure(scratch, [first, second], "small", smallRuns, 6000);
        const large = await measure(scratch, [first, second], "large", largeRuns, largeBytes);
        const rate = median(large.map((durationMs) => largeBytes / 1e6 / (durationMs / 1000)));
        const condition = "64 MB, fetched, verified, stored, extracted";
        return [
          {
            figure: "install 6 KB",
            condition: "from one peer, over the control socket",
            value: median(small),
            unit: "ms",
            samples: smallRuns,
          },
          {
            figure: "install 64 MB",
            condition,
            value: rate,
            unit: "MB/s",
            samples: largeRuns,
            rival: { name: "raw TCP", value: await transportLimit("tcp") },
          },
          {
            figure: "install 64 MB",
            condition,
            value: rate,
            unit: "MB/s",
            samples: largeRuns,
            rival: { name: "raw TLS", value: await transportLimit("tls") },
          },
        ];
      } finally {
        await stopNodes([second, first]);
      }
    }),
};

async function measure(
  scratch: string,
  [first, second]: readonly [BenchNode, BenchNode],
  name: string,
  runs: number,
  bytes: number,
): Promise<number[]> {
  const samples: number[] = [];
  // The first run is not counted: it opens connections and warms the compiler.
  for (let run = -1; run < runs; run += 1) {
    const id = `io.ggen.bench.${name}${run + 1}`;
    await first.api.publish({ path: await writePackage(scratch, { id, bytes }) });
    await pollUntil(
      `${id} known`,
      async () => (await second.api.search({ text: `${name}${run + 1}`, limit: 1 })).total > 0,
    );
    const target = join(scratch, "installed");
    const durationMs = await timeMs(async () => {
      const { packages } = await second.api.install({ ref: id, target });
      if (packages[0]?.source !== "peers") throw new Error(`${id} did not come from a peer`);
    });
    if (run >= 0) samples.push(durationMs);
  }
  return samples;
}
