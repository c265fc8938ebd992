import type { Package } from "@ggen/p2p-types";

import type { SoughtTerm } from "./match-expression.ts";
import { foldedWords, idWords } from "./words.ts";

/** What a match in a field is worth, next to one in the name. */
const fieldWorth = { name: 1, title: 0.95, tags: 0.85, authors: 0.8, description: 0.5 } as const;
type Field = keyof typeof fieldWorth;

/** What further fields add, next to the best one. */
const furtherShare = 0.12;
/** A word that only begins like the sought one is worth this, and more the less is missing. */
const prefixWorth = 0.6;
const prefixShare = 0.3;
/** Words that follow each other as typed. */
const neighboursBonus = 0.25;
/** The whole query is the last part of the id; or one of the tags, or an author. */
const nameBonus = 0.5;
const markBonus = 0.25;
/** The share of the name that was sought: a name with nothing else in it first. */
const coveredBonus = 0.2;
/** Fields hold at most this many words that are looked at. */
const maxFieldWords = 400;

/** A package's words, by field. */
export interface FieldWords {
  readonly fields: Readonly<Record<Field, readonly string[]>>;
  /** The words of the id's last label. */
  readonly label: readonly string[];
  /** The last one, two and three labels of the id, without separators. */
  readonly endings: readonly string[];
  /** Category, tags, keywords and authors without separators. */
  readonly marks: ReadonlySet<string>;
}

/** A term with what it says: the rarer, the more. */
export interface WeighedTerm extends SoughtTerm {
  readonly weight: number;
}

/** The words of a package. */
export function fieldWordsOf({ id, name, category, tags, keywords, description, authors }: Package): FieldWords {
  const words = (text: string): string[] => foldedWords(text, maxFieldWords);
  const labels = id.split(".");
  const label = words(spread(labels.at(-1) ?? id));
  const allTags = [...tags, ...keywords, category ?? ""];
  return {
    fields: {
      name: [...words(spread(id)), ...words(idWords(id)), ...words(id)],
      title: words(spread(name)),
      tags: words(allTags.join(" / ")),
      authors: words(authors.join(" / ")),
      description: words(description),
    },
    label,
    endings: [1, 2, 3].map((count) => words(labels.slice(-count).join(".")).join("")),
    marks: new Set([...allTags, ...authors.map(withoutAddress)].map((mark) => words(mark).join(""))),
  };
}

/** An author's name without the mail address behind it. */
function withoutAddress(author: string): string {
  return author.replace(/<[^<>]*>$/u, "");
}

/** Writes `MyPackage` as `My Package`. */
function spread(text: string): string {
  return text.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, " ");
}

/**
 * How well a package answers a query: about 0-2, the better the higher.
 * @param terms - at least one
 */
export function relevance(terms: readonly WeighedTerm[], document: FieldWords): number {
  let [sum, total] = [0, 0];
  for (const term of terms) {
    total += term.weight;
    sum += term.weight * termWorth(term, document);
  }
  const typed = terms.flatMap(({ words }) => words);
  const joined = typed.join("");
  const bonus =
    (document.endings.includes(joined) ? nameBonus : 0) +
    (document.marks.has(joined) ? markBonus : 0) +
    neighboursBonus * neighbours(typed, document) +
    coveredBonus * covered(terms, document.label);
  return sum / total + bonus * (sum > 0 ? 1 : 0);
}

/** What the best field gives, and a little of the others. */
function termWorth(term: SoughtTerm, { fields }: FieldWords): number {
  let [best, all] = [0, 0];
  for (const field of Object.keys(fieldWorth) as Field[]) {
    const worth = fieldWorth[field] * matchWorth(term, fields[field]);
    best = Math.max(best, worth);
    all += worth;
  }
  return best + furtherShare * (all - best);
}

/** 1 for the words themselves, less for what counts as them, 0 for nothing. */
function matchWorth({ words, variants, prefix }: SoughtTerm, field: readonly string[]): number {
  if (has(field, words)) return 1;
  let best = 0;
  for (const variant of variants) if (variant.worth > best && has(field, variant.words)) best = variant.worth;
  const [typed] = words;
  if (!prefix || typed === undefined) return best;
  for (const word of field) {
    if (word.startsWith(typed)) best = Math.max(best, prefixWorth + (prefixShare * typed.length) / word.length);
  }
  return best;
}

/** Whether words follow each other in a field. */
function has(field: readonly string[], words: readonly string[]): boolean {
  const [first] = words;
  if (words.length === 1) return first !== undefined && field.includes(first);
  return field.some((_, place) => words.every((word, next) => field[place + next] === word));
}

/** The share of typed neighbours that are neighbours in some field, each by its best field. */
function neighbours(typed: readonly string[], { fields }: FieldWords): number {
  if (typed.length < 2) return 0;
  let sum = 0;
  for (let place = 1; place < typed.length; place++) {
    const pair = typed.slice(place - 1, place + 1);
    sum += Math.max(...(Object.keys(fieldWorth) as Field[]).map((f) => (has(fields[f], pair) ? fieldWorth[f] : 0)));
  }
  return sum / (typed.length - 1);
}

/** The share of the label's words that were sought. */
function covered(terms: readonly SoughtTerm[], label: readonly string[]): number {
  if (label.length === 0) return 0;
  const sought = label.filter((word) => terms.some((term) => matchWorth(term, [word]) > 0));
  return sought.length / label.length;
}
