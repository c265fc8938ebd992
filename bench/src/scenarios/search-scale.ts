import type { JudgedQuery } from "../judged/judged-set.ts";
import { syntheticPackages } from "../judged/synthetic-documents.ts";
import { syntheticQueries } from "../judged/synthetic-queries.ts";
import { median, percentile } from "../measure/median.ts";
import { timeMs } from "../measure/time.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";
import { createCatalogue } from "../search-engines/catalogue.ts";
import { createMiniSearch } from "../search-engines/minisearch.ts";
import type { SearchEngine } from "../search-engines/search-engine.ts";

const packages = 100_000;
const limit = 20;
const rounds = 3;
const documentSeed = 20_261_121;
const querySeed = 4_042_026;

/** Search in a large catalogue: queries of every kind, misspelt and unfinished ones among them. */
export const searchScale: Scenario = {
  name: "search-scale",
  async run() {
    const synthetic = syntheticPackages(packages, documentSeed);
    const documents = synthetic.map(({ document }) => document);
    const queries = syntheticQueries(synthetic, querySeed);
    const engines = [await createCatalogue(documents), await createMiniSearch(documents)] as const;
    try {
      const [ours, rivals] = await measure(engines, queries);
      const name = "MiniSearch in memory";
      const condition = `${queries.length} queries of ten kinds, ${limit} results, from the replica on disk`;
      const row = (figure: string, of: (samples: readonly number[]) => number, promised: number): Row => ({
        figure: `${figure}, ${packages} packages`,
        condition,
        value: of(ours),
        unit: "ms",
        samples: ours.length,
        target: { limit: promised, better: "lower" },
        rival: { name, value: of(rivals) },
      });
      return [row("search p50", median, 2), row("search p95", (samples) => percentile(samples, 95), 20)];
    } finally {
      for (const engine of engines) await engine.close();
    }
  },
};

/** Asks both in turn; the first round warms up and does not count. */
async function measure(
  engines: readonly [SearchEngine, SearchEngine],
  queries: readonly JudgedQuery[],
): Promise<readonly [number[], number[]]> {
  const samples: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    for (const { text } of queries) {
      for (const [index, engine] of engines.entries()) {
        const durationMs = await timeMs(() => engine.search(text, limit));
        if (round > 0) samples[index]?.push(durationMs);
      }
    }
  }
  return samples;
}
