import type { SearchEngine } from "../search-engines/search-engine.ts";
import type { JudgedQuery } from "./judged-set.ts";
import { ndcgAt10, succeedsAt1 } from "./measures.ts";

/** How good the answers to some queries were: means, from 0 to 1. */
export interface Quality {
  readonly ndcg: number;
  readonly success: number;
  readonly queries: number;
}

/** The answer to one query. */
export interface JudgedAnswer {
  readonly query: JudgedQuery;
  readonly found: readonly string[];
  readonly ndcg: number;
  readonly success: boolean;
}

/** Asks an engine all queries. */
export async function judge(engine: SearchEngine, queries: readonly JudgedQuery[]): Promise<JudgedAnswer[]> {
  const answers: JudgedAnswer[] = [];
  for (const query of queries) {
    const found = await engine.search(query.text, 10);
    answers.push({ query, found, ndcg: ndcgAt10(query, found), success: succeedsAt1(query, found) });
  }
  return answers;
}

/** The means over answers. */
export function qualityOf(answers: readonly JudgedAnswer[]): Quality {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    ndcg: mean(answers.map(({ ndcg }) => ndcg)),
    success: mean(answers.map(({ success }) => (success ? 1 : 0))),
    queries: answers.length,
  };
}
