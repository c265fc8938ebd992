import { judgedCollections } from "../judged/collections.ts";
import { halfOf } from "../judged/judged-set.ts";
import { judge, qualityOf } from "../judged/judge.ts";
import type { JudgedAnswer, Quality } from "../judged/judge.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";
import { createCatalogue } from "../search-engines/catalogue.ts";
import { createMiniSearch } from "../search-engines/minisearch.ts";
import { createOrama } from "../search-engines/orama.ts";
import type { CreateSearchEngine } from "../search-engines/search-engine.ts";

/** How good the first results are, next to two search libraries over the same documents. */
export const searchQuality: Scenario = {
  name: "search-quality",
  async run() {
    const ours = await heldOutQuality(createCatalogue);
    const rivals = [
      { name: "MiniSearch", quality: await heldOutQuality(createMiniSearch) },
      { name: "Orama", quality: await heldOutQuality(createOrama) },
    ];
    const figures = [
      { figure: "search quality, nDCG@10", of: ({ ndcg }: Quality) => ndcg * 100 },
      { figure: "search quality, success@1", of: ({ success }: Quality) => success * 100 },
    ];
    return figures.flatMap(({ figure, of }) =>
      rivals.map(({ name, quality }): Row => ({
        figure,
        condition: "held-out half of the judged queries, real and synthetic packages",
        value: of(ours),
        unit: "%",
        samples: ours.queries,
        rival: { name, value: of(quality) },
        target: { limit: Number(of(quality).toFixed(1)), better: "higher" },
      })),
    );
  },
};

async function heldOutQuality(create: CreateSearchEngine): Promise<Quality> {
  const answers: JudgedAnswer[] = [];
  for (const { documents, queries } of judgedCollections()) {
    const engine = await create(documents);
    try {
      answers.push(...(await judge(engine, halfOf(queries, "held-out"))));
    } finally {
      await engine.close();
    }
  }
  return qualityOf(answers);
}
