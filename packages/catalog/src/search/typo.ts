import type { DatabaseSync } from "node:sqlite";

import type { SoughtWord } from "./match-expression.ts";

/** Terms that are compared with a word, and those of them that are sought in its place. */
const maxCompared = 5000;
const maxVariants = 5;

/**
 * Adds to each word the terms of the index that one slip of the fingers away from it (two from 8 letters on): a letter
 * too many, too few, another, or two swapped. The first letter is taken to be right.
 */
export function withTypos(db: DatabaseSync, words: readonly SoughtWord[]): SoughtWord[] {
  const near = db.prepare("SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?");
  return words.map((word) => {
    const typed = word.terms[0] ?? "";
    const letters = Array.from(typed);
    const allowed = letters.length >= 8 ? 2 : letters.length >= 4 ? 1 : 0;
    const [first] = letters;
    if (allowed === 0 || first === undefined) return word;
    const after = String.fromCodePoint((first.codePointAt(0) ?? 0) + 1);
    const variants = near
      .all(first, after, maxCompared)
      .map((row) => {
        const term = String(row["term"]);
        return { term, documents: Number(row["doc"]), distance: editDistance(letters, Array.from(term), allowed) };
      })
      .filter(({ distance }) => distance > 0 && distance <= allowed)
      .toSorted((a, b) => a.distance - b.distance || b.documents - a.documents || (a.term < b.term ? -1 : 1))
      .slice(0, maxVariants)
      .map(({ term }) => term);
    return { terms: [typed].concat(variants), prefix: word.prefix };
  });
}

/** Insertions, deletions, substitutions and swaps of neighbours from one word to another; above `limit` it is not exact. */
export function editDistance(from: readonly string[], to: readonly string[], limit: number): number {
  if (Math.abs(from.length - to.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1;
      let best = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + cost);
      if (row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]) {
        best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length] ?? limit + 1;
}
