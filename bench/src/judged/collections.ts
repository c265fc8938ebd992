import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Collection, JudgedQuery, SearchDocument } from "./judged-set.ts";
import { syntheticPackages } from "./synthetic-documents.ts";
import { syntheticQueries } from "./synthetic-queries.ts";

const folder = join(import.meta.dirname, "..", "..", "judged");
const syntheticCount = 2000;
const documentSeed = 20_261_121;
const querySeed = 4_042_026;

/** The judged set: real packages judged by hand, and synthetic ones judged by rules. */
export function judgedCollections(): Collection[] {
  const packages = syntheticPackages(syntheticCount, documentSeed);
  return [
    {
      name: "corpus",
      documents: readJson("corpus.json") as SearchDocument[],
      queries: readJson("corpus-queries.json") as JudgedQuery[],
    },
    {
      name: "synthetic",
      documents: packages.map(({ document }) => document),
      queries: syntheticQueries(packages, querySeed),
    },
  ];
}

function readJson(name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), "utf8"));
}
