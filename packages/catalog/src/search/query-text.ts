import { foldedWords } from "./words.ts";

/** Words of a query that are looked at. */
const maxWords = 24;
const quoted = /"([^"]*)"/gu;

/** What was typed, taken apart. */
export interface QueryText {
  /** The distinct words outside quotes, folded; the last one is the one being typed. */
  readonly words: readonly string[];
  /** What stood in quotes: words that have to follow each other. */
  readonly phrases: readonly (readonly string[])[];
}

/**
 * Takes apart what a user typed: words, and phrases in double quotes; at most 24 words of at most 64 characters.
 * A quote without its partner is a separator like any other sign.
 * @param text - anything
 */
export function parseQueryText(text: string): QueryText {
  const phrases: string[][] = [];
  let room = maxWords;
  const rest = text.replaceAll(quoted, (_, inside: string) => {
    const words = foldedWords(inside, room);
    room -= words.length;
    if (words.length > 1) {
      phrases.push(words);
      return " ";
    }
    room += words.length;
    return ` ${inside} `;
  });
  const words = new Set<string>();
  for (const word of foldedWords(rest, text.length)) {
    // The last word is the one being typed: it keeps its place at the end.
    words.delete(word);
    if (words.size < room) words.add(word);
  }
  return { words: [...words], phrases };
}
