import type { Variant } from "./match-expression.ts";
import type { IndexedWord, Vocabulary } from "./vocabulary.ts";

/** Words that are compared with a misspelt one for each beginning, and those of them that are sought in its place. */
const maxCompared = 2000;
const maxComparedPerLetter = 100;
const maxMisspellings = 5;
const alphabet = "abcdefghijklmnopqrstuvwxyz";
const worthOfOneSlip = 0.6;
const worthOfTwoSlips = 0.35;

/**
 * The words of the index that are one slip of the fingers away from a word (two from 8 letters on): a letter too many, too
 * few, another, or two swapped. The first letter is taken to be right.
 */
export function misspellingsOf(typed: string, vocabulary: Vocabulary): Variant[] {
  const letters = Array.from(typed);
  const allowed = letters.length >= 8 ? 2 : letters.length >= 4 ? 1 : 0;
  if (allowed === 0) return [];
  const near = new Map<string, IndexedWord & { readonly distance: number }>();
  for (const { word, listings } of compared(letters, vocabulary)) {
    if (Math.abs(word.length - typed.length) > 2 * allowed || near.has(word)) continue;
    const distance = editDistance(letters, Array.from(word), allowed);
    if (distance > 0 && distance <= allowed) near.set(word, { word, listings, distance });
  }
  return [...near.values()]
    .toSorted((a, b) => a.distance - b.distance || b.listings - a.listings || (a.word < b.word ? -1 : 1))
    .slice(0, maxMisspellings)
    .map(({ word, distance }) => ({ words: [word], worth: distance === 1 ? worthOfOneSlip : worthOfTwoSlips }));
}

/** Words that may be near: all with this first letter; where these are too many those that go on alike. */
function compared(letters: readonly string[], vocabulary: Vocabulary): readonly IndexedWord[] {
  const [first = "", second = "", third = ""] = letters;
  const alike = vocabulary.beginning(first, maxCompared);
  if (alike.length < maxCompared) return alike;
  // The slip is behind the second letter; or it is the second letter: left out, swapped, another one, one too many.
  const found = [
    ...vocabulary.beginning(first + second, maxCompared),
    ...vocabulary.beginning(first + third, maxCompared),
  ];
  for (const letter of alphabet) {
    found.push(...vocabulary.beginning(first + letter + second, maxComparedPerLetter));
    found.push(...vocabulary.beginning(first + letter + third, maxComparedPerLetter));
  }
  return found;
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
