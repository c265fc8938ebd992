import { labelWord, wordStart } from "./words.ts";

/** Another way to say a word: words that follow each other, mostly one, and what it is worth (0-1) next to the word itself. */
export interface Variant {
  readonly words: readonly string[];
  readonly worth: number;
}

/** What is sought: words that follow each other, mostly one; what counts as it; whether a longer word does too. */
export interface SoughtTerm {
  readonly words: readonly string[];
  readonly variants: readonly Variant[];
  readonly prefix: boolean;
  /** Whether nothing counts that does not have it. */
  readonly required: boolean;
}

/** Shortest word, in UTF-16 units, that is sought as a prefix too. */
const minPrefixLength = 2;

/** The words and phrases as they were typed, the last word also as a prefix. */
export function soughtTerms(words: readonly string[], phrases: readonly (readonly string[])[] = []): SoughtTerm[] {
  return [
    ...phrases.map((phrase) => ({ words: phrase, variants: [], prefix: false, required: true })),
    ...words.map((word, place) => ({
      words: [word],
      variants: [],
      prefix: place === words.length - 1 && word.length >= minPrefixLength,
      required: false,
    })),
  ];
}

/** How an expression is written. */
export interface MatchOptions {
  /** Whether all of the terms have to be in the name. Default: false. */
  readonly inName?: boolean;
  /**
   * The words that begin with some letters, when they are few: seeking them is less work than seeking a prefix. Where they
   * are many, two or three letters are sought in names only.
   */
  readonly endingsOf?: (letters: string) => readonly string[] | undefined;
}

/**
 * An FTS5 expression that all the terms match. Every word is in a quoted string, so that nothing in it is syntax.
 * @see https://www.sqlite.org/fts5.html section 3
 */
export function matchExpression(
  terms: readonly SoughtTerm[],
  { inName = false, endingsOf = () => undefined }: MatchOptions = {},
): string {
  const expression = terms
    .map(({ words, variants, prefix }) => {
      const endings = prefix ? endingsOf(words[0] ?? "") : [];
      const start = endings === undefined ? wordStart(words[0] ?? "") : undefined;
      const alternatives = [
        `${quote(words)}${endings === undefined && start === undefined ? " *" : ""}`,
        ...(start === undefined ? [] : [quote([start])]),
        ...(endings ?? []).map((word) => quote([word])),
        ...variants.map((variant) => quote(variant.words)),
      ];
      return `(${[...new Set(alternatives)].join(" OR ")})`;
    })
    .join(" AND ");
  return inName ? `name : (${expression})` : expression;
}

/** An expression that the packages match whose last label is this one. @param label - lower case, without separators */
export function labelExpression(label: string): string {
  return `name : ${quote([labelWord(label)])}`;
}

function quote(words: readonly string[]): string {
  return `"${words.join(" ").replaceAll('"', '""').replaceAll("\0", "")}"`;
}

/** Whether a folded word of a text is one of those sought. */
export function isSought(terms: readonly SoughtTerm[], word: string): boolean {
  return terms.some(
    ({ words, variants, prefix }) =>
      words.includes(word) ||
      variants.some((variant) => variant.words.includes(word)) ||
      (prefix && word.startsWith(words[0] ?? word)),
  );
}
