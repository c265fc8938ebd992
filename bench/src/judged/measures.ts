import type { Grade, JudgedQuery } from "./judged-set.ts";

const places = 10;

const gain = (grade: Grade | 0): number => 2 ** grade - 1;

function discounted(grades: readonly (Grade | 0)[]): number {
  return grades.slice(0, places).reduce<number>((sum, grade, place) => sum + gain(grade) / Math.log2(place + 2), 0);
}

/**
 * Normalised discounted cumulative gain of the first ten results: 1 when no order of the judged documents is better.
 *
 * @param found Document ids, the first result first.
 */
export function ndcgAt10({ grades }: JudgedQuery, found: readonly string[]): number {
  const ideal = Object.values(grades).toSorted((a, b) => b - a);
  return discounted(found.map((id) => grades[id] ?? 0)) / discounted(ideal);
}

/** Whether the first result has the highest grade that the query has. */
export function succeedsAt1({ grades }: JudgedQuery, found: readonly string[]): boolean {
  const [first] = found;
  return first !== undefined && grades[first] === Math.max(...Object.values(grades));
}
