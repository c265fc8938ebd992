import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hostileQueries } from "../judged/hostile-queries.ts";
import { syntheticPackages } from "../judged/synthetic-documents.ts";
import { syntheticQueries } from "../judged/synthetic-queries.ts";
import { median, percentile } from "../measure/median.ts";
import type { Row } from "../report/row.ts";
import type { Scenario } from "../scenario.ts";
import { writeReplica } from "../search-engines/large-replica.ts";
import type { ReplicaSize } from "../search-engines/large-replica.ts";
import { spawnEngine } from "../search-engines/spawn-engine.ts";
import type { SpawnedEngine } from "../search-engines/spawn-engine.ts";

const limit = 20;
const rounds = 3;
const documentSeed = 20_261_121;
const querySeed = 4_042_026;
const rivalName = "MiniSearch in memory";

/** Search in a large catalogue: queries of every kind, misspelt, unfinished and hostile ones among them. */
export const searchScale: Scenario = {
  name: "search-scale",
  run: async () => {
    const count = 100_000;
    return measureScale(count, async ({ texts, ours, hostile }) => {
      const rival = await spawnEngine("minisearch", count, documentSeed);
      try {
        const [own, theirs] = await askInRounds([ours, rival], texts);
        const cold = await askBehind(ours, rival, texts);
        const memory = { own: ours.resident(), theirs: rival.resident() };
        const speed = (figure: string, of: (samples: readonly number[]) => number, promised: number): Row => ({
          figure: `${figure}, ${count} packages`,
          condition: `${texts.length} queries of ten kinds, ${limit} results, from the replica on disk`,
          value: of(own),
          unit: "ms",
          samples: own.length,
          target: { limit: promised, better: "lower" },
          rival: { name: rivalName, value: of(theirs) },
        });
        return [
          speed("search p50", median, 2),
          speed("search p95", (samples) => percentile(samples, 95), 20),
          {
            figure: `search p50, ${count} packages, cold`,
            condition: "a query of MiniSearch before each, so that the processor's caches hold something else",
            value: median(cold),
            unit: "ms",
            samples: cold.length,
          },
          {
            figure: `search memory, ${count} packages`,
            condition: "RSS of a process that searches, after all queries; mapped pages of the replica count too",
            value: memory.own,
            unit: "MB",
            samples: 1,
            target: { limit: memory.theirs / 2, better: "lower" },
            rival: { name: rivalName, value: memory.theirs },
          },
          ...(await hostile()),
        ];
      } finally {
        await rival.close();
      }
    });
  },
};

/** The same in a million packages, which take minutes to write: runs when it is named, or with `--check`. */
export const searchMillion: Scenario = {
  name: "search-million",
  onRequest: true,
  run: async () => {
    const count = 1_000_000;
    return measureScale(count, async ({ texts, ours, size, hostile }) => {
      const [own] = await askInRounds([ours], texts);
      const condition = `${texts.length} queries of ten kinds, ${limit} results, from the replica on disk`;
      const row = { condition, unit: "ms", samples: own.length } as const;
      return [
        { ...row, figure: `search p50, ${count} packages`, value: median(own) },
        {
          ...row,
          figure: `search p95, ${count} packages`,
          value: percentile(own, 95),
          target: { limit: 100, better: "lower" },
        },
        ...(await hostile()),
        {
          figure: `disk, ${count} packages`,
          condition: "one release each, a file",
          value: size.file / 1e6,
          unit: "MB",
          samples: 1,
          target: { limit: 1000, better: "lower" },
          rival: { name: "the signed operations alone", value: size.signed / 1e6 },
        },
      ];
    });
  },
};

interface Scale {
  readonly texts: readonly string[];
  readonly ours: SpawnedEngine;
  readonly size: ReplicaSize;
  /** Asks what is meant to cost as much as it can. */
  readonly hostile: () => Promise<Row[]>;
}

async function measureScale(count: number, run: (scale: Scale) => Promise<Row[]>): Promise<Row[]> {
  const folder = await mkdtemp(join(tmpdir(), "ggen-bench-search-"));
  try {
    const path = join(folder, "catalog.db");
    const packages = syntheticPackages(count, documentSeed);
    const size = await writeReplica(path, packages);
    const texts = syntheticQueries(packages, querySeed).map(({ text }) => text);
    const ours = await spawnEngine("catalogue", count, documentSeed, path);
    try {
      return await run({ texts, ours, size, hostile: () => askHostile(ours, count) });
    } finally {
      await ours.close();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function askHostile(ours: SpawnedEngine, count: number): Promise<Row[]> {
  let [worst, blocked] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    for (const query of hostileQueries) {
      const { durationMs, blockedMs } = await ours.watch(query);
      worst = Math.max(worst, durationMs);
      blocked = Math.max(blocked, blockedMs);
    }
  }
  const condition = `the slowest of ${hostileQueries.length} queries that are meant to be, ${rounds} times each`;
  const row = { condition, unit: "ms", samples: rounds * hostileQueries.length } as const;
  return [
    {
      ...row,
      figure: `hostile search, ${count} packages, its thread`,
      value: worst,
      target: { limit: 500, better: "lower" },
    },
    {
      ...row,
      figure: `hostile search, ${count} packages, event loop`,
      value: blocked,
      target: { limit: 50, better: "lower" },
    },
  ];
}

/** Rounds of all queries, the engines in turn, so that each has its own data in the processor's caches; the first is not counted. */
async function askInRounds<const E extends readonly SpawnedEngine[]>(
  engines: E,
  texts: readonly string[],
): Promise<{ readonly [K in keyof E]: number[] }> {
  const samples = engines.map((): number[] => []);
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, engine] of engines.entries()) {
      for (const text of texts) {
        const { durationMs } = await engine.ask({ text, limit });
        if (round > 0) samples[index]?.push(durationMs);
      }
    }
  }
  return samples as { readonly [K in keyof E]: number[] };
}

/** What each query takes right after another engine had the processor. */
async function askBehind(
  ours: SpawnedEngine,
  rival: SpawnedEngine,
  texts: readonly string[],
): Promise<readonly number[]> {
  const samples: number[] = [];
  for (const text of texts) {
    await rival.ask({ text, limit });
    samples.push((await ours.ask({ text, limit })).durationMs);
  }
  return samples;
}
