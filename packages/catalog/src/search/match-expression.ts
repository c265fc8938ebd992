/** What is sought: for each word the terms that count as it, and whether it may be the beginning of a longer one. */
export interface SoughtWord {
  readonly terms: readonly string[];
  readonly prefix: boolean;
}

/** Shortest word, in UTF-16 units, that is sought as a prefix too: the index keeps prefixes of 2 and 3 characters. */
const minPrefixLength = 2;

/** The words as they were typed, the last one also as a prefix. */
export function soughtWords(words: readonly string[]): SoughtWord[] {
  return words.map((word, place) => ({
    terms: [word],
    prefix: place === words.length - 1 && word.length >= minPrefixLength,
  }));
}

/**
 * An FTS5 expression. Every term is a quoted string, so that nothing in it is syntax.
 * @param combine - whether all words must match or any
 * @see https://www.sqlite.org/fts5.html section 3
 */
export function matchExpression(words: readonly SoughtWord[], combine: "AND" | "OR"): string {
  return words
    .map(({ terms, prefix }) => {
      const phrases = terms.map((term) => quote(term));
      if (prefix && terms[0] !== undefined) phrases[0] = `${quote(terms[0])} *`;
      return `(${phrases.join(" OR ")})`;
    })
    .join(` ${combine} `);
}

function quote(term: string): string {
  return `"${term.replaceAll('"', '""').replaceAll("\0", "")}"`;
}

/** Whether a folded word of a text is one of those sought. */
export function isSought(words: readonly SoughtWord[], word: string): boolean {
  return words.some(({ terms, prefix }) => terms.includes(word) || (prefix && word.startsWith(terms[0] ?? word)));
}
