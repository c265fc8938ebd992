import type { Statements } from "./statements.ts";

/** A word of the index. */
export interface IndexedWord {
  readonly word: string;
  /** In how many listings it is. */
  readonly listings: number;
}

/** The words of the index. */
export interface Vocabulary {
  /** In how many listings a word is; 0 when it is in none. */
  readonly listings: (word: string) => number;
  /** The words that begin with some letters, in order; at most `max`. */
  readonly beginning: (letters: string, max: number) => readonly IndexedWord[];
}

/** The vocabulary of the full-text index, for one search: what was asked is remembered. */
export function openVocabulary(db: Statements): Vocabulary {
  const one = db.prepare("SELECT doc FROM vocabulary WHERE term = ?");
  const many = db.prepare("SELECT term, doc FROM vocabulary WHERE term >= ? AND term < ? LIMIT ?");
  const known = new Map<string, number>();
  return {
    listings(word) {
      db.goOn();
      let listings = known.get(word);
      if (listings === undefined) known.set(word, (listings = Number(one.get(word)?.["doc"] ?? 0)));
      return listings;
    },
    beginning(letters, max) {
      db.goOn();
      const rows = many.all(letters, after(letters), max);
      return rows.map((row) => ({ word: String(row["term"]), listings: Number(row["doc"]) }));
    },
  };
}

/** What is behind all words that begin with some letters. */
function after(letters: string): string {
  const points = Array.from(letters);
  const last = points.pop()?.codePointAt(0) ?? 0;
  return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : Math.min(last + 1, 0x10ffff));
}
