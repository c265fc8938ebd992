import { publishersIn } from "./filters.ts";
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
  /** The highest number of a listing. */
  readonly lastListing: () => number;
  /** How many ids are listed by publishers other than those denied. */
  readonly packages: (denied: string | null) => number;
}

/** Words, and words of lists, that are remembered; about 100 bytes each. */
const maxRemembered = 100_000;

/**
 * The vocabulary of the full-text index. Counting the listings of a word reads all its places, so what was asked is
 * remembered until something is written.
 */
export function openVocabulary(db: Statements): Vocabulary {
  const counts = new Map<string, number>();
  const lists = new Map<string, readonly IndexedWord[]>();
  let remembered = 0;
  let changes = db.changes;
  const makeRoom = (needed: number): void => {
    db.goOn();
    if (changes !== db.changes || remembered + needed > maxRemembered) {
      counts.clear();
      lists.clear();
      remembered = 0;
      changes = db.changes;
    }
    remembered += needed;
  };
  const remember = (key: string, count: () => number): number => {
    makeRoom(0);
    let known = counts.get(key);
    if (known === undefined) {
      known = count();
      makeRoom(1);
      counts.set(key, known);
    }
    return known;
  };
  return {
    listings: (word) =>
      remember(word, () =>
        Number(db.row("SELECT doc FROM vocabulary WHERE term = :word", { ":word": word })?.[0] ?? 0),
      ),
    beginning(letters, max) {
      makeRoom(0);
      const key = `${max} ${letters}`;
      let known = lists.get(key);
      if (known === undefined) {
        const rows = db.rows("SELECT term, doc FROM vocabulary WHERE term >= :from AND term < :to LIMIT :max", {
          ":from": letters,
          ":to": after(letters),
          ":max": max,
        });
        known = rows.map(([word, listings]) => ({ word: String(word), listings: Number(listings) }));
        makeRoom(known.length + 1);
        lists.set(key, known);
      }
      return known;
    },
    // No word has a space in it.
    lastListing: () => remember(" last", () => Number(db.row("SELECT max(listing) FROM listings")?.[0] ?? 0)),
    packages: (denied) =>
      remember(` packages ${denied}`, () => {
        const condition =
          denied === null ? "TRUE" : `l.publisher NOT IN ${publishersIn(":denied")} AND keep_going(l.listing)`;
        const sql = `SELECT count(DISTINCT l.package) FROM listings l WHERE ${condition}`;
        return Number(db.row(sql, { ":denied": denied })?.[0] ?? 0);
      }),
  };
}

/** What is behind all words that begin with some letters. */
function after(letters: string): string {
  const points = Array.from(letters);
  const last = points.pop()?.codePointAt(0) ?? 0;
  return points.join("") + String.fromCodePoint(last === 0xd7ff ? 0xe000 : Math.min(last + 1, 0x10ffff));
}
