import { ggen, homeEnvironment } from "@ggen/testkit";
import { join } from "node:path";
import { median } from "../measure/median.ts";
import { spawnTimeMs } from "../measure/spawn-time.ts";
import { quietHome, startBenchNode, stopNodes } from "../nodes/bench-node.ts";
import { withScratch, writePackage } from "../nodes/sample-package.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";

const cli = join(import.meta.dirname, "../../../apps/cli/bin/run.js");
const runs = 15;

/** `ggen` as a process, next to what a process costs at all. */
export const processStart: Scenario = {
  name: "process-start",
  run: () =>
    withScratch(async (scratch) => {
      const home = quietHome();
      const env = homeEnvironment(home);
      const folder = await writePackage(scratch, { id: "io.ggen.bench.process", bytes: 6000 });
      const node = await startBenchNode([], home);
      await node.api.publish({ path: folder });
      const commands = {
        bare: () => spawnTimeMs(process.execPath, ["-e", "0"], { env }),
        npm: () => spawnTimeMs("npm", ["--version"], { env }),
        version: () => spawnTimeMs(process.execPath, [cli, "--version"], { env }),
        search: () => spawnTimeMs(process.execPath, [cli, "marketplace", "search", "bench"], { env, cwd: home }),
      };
      const [bare, npm, version, search] = await interleave([
        commands.bare,
        commands.npm,
        commands.version,
        commands.search,
      ]);
      await stopNodes([node]);
      const [offline] = await interleave([commands.search]);
      const check = await ggen(home, ["marketplace", "search", "bench", "--json"]);
      if (!check.stdout.includes("io.ggen.bench.process")) throw new Error(`search found nothing:\n${check.stdout}`);
      return [
        row("ggen --version", "process, warm cache", version, { name: "node -e 0", value: median(bare) }),
        row("npm --version", "process, warm cache, for comparison", npm, { name: "node -e 0", value: median(bare) }),
        {
          ...row("ggen marketplace search", "process, node running", search, {
            name: "npm --version",
            value: median(npm),
          }),
          target: { limit: 2000, better: "lower" },
        },
        {
          ...row("ggen marketplace search, offline", "process, no node: from the replica", offline, {
            name: "npm --version",
            value: median(npm),
          }),
          target: { limit: 2000, better: "lower" },
        },
      ];
    }),
};

function row(figure: string, condition: string, samples: readonly number[], rival: NonNullable<Row["rival"]>): Row {
  return { figure, condition, value: median(samples), unit: "ms", samples: samples.length, rival };
}

/** Runs the commands in turns, so that whatever else the machine does falls on all of them alike. */
async function interleave<const Commands extends readonly (() => Promise<number>)[]>(
  commands: Commands,
): Promise<{ [Index in keyof Commands]: number[] }> {
  const samples = commands.map((): number[] => []);
  for (const command of commands) await command();
  for (let run = 0; run < runs; run += 1) {
    for (const [index, command] of commands.entries()) samples[index]?.push(await command());
  }
  return samples as { [Index in keyof Commands]: number[] };
}
