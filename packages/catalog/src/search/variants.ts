import type { SoughtTerm, Variant } from "./match-expression.ts";
import { misspellingsOf } from "./typo.ts";
import type { Vocabulary } from "./vocabulary.ts";

const pluralWorth = 0.9;
const joinedWorth = 0.9;
/** Shortest part of a word that is taken apart. */
const minPartLength = 3;
/** Words of a query whose misspellings are sought: looking through the index for each takes a while. */
const maxMisspelt = 6;

/**
 * Adds to each word what means the same: its plural or singular, two words written as one, one written as two. Only what
 * the index has.
 */
export function withForms(terms: readonly SoughtTerm[], vocabulary: Vocabulary): SoughtTerm[] {
  const has = (word: string): boolean => vocabulary.listings(word) > 0;
  return terms.map((term, place) => {
    const [word] = term.words;
    if (word === undefined || term.words.length > 1) return term;
    const variants: Variant[] = numbersOf(word)
      .filter(has)
      .map((form) => ({ words: [form], worth: pluralWorth }));
    const neighbours = [terms[place - 1]?.words, terms[place + 1]?.words];
    const [before, next] = neighbours.map((words) => (words?.length === 1 ? words[0] : undefined));
    for (const joined of [before === undefined ? "" : before + word, next === undefined ? "" : word + next]) {
      if (joined !== "" && has(joined)) variants.push({ words: [joined], worth: joinedWorth });
    }
    if (!has(word)) variants.push(...partsOf(word, has));
    return { ...term, variants };
  });
}

/**
 * Adds to each word those of the index that it may be a slip of the fingers away from.
 * @param trustKnown - whether a word that the index has is taken to be what was meant
 */
export function withMisspellings(
  terms: readonly SoughtTerm[],
  vocabulary: Vocabulary,
  trustKnown: boolean,
): SoughtTerm[] {
  let room = maxMisspelt;
  return terms.map((term) => {
    const [word] = term.words;
    if (word === undefined || term.words.length > 1 || room === 0) return term;
    if (trustKnown && vocabulary.listings(word) > 0) return term;
    room--;
    const known = new Set(term.variants.flatMap(({ words }) => words));
    const slips = misspellingsOf(word, vocabulary).filter(({ words }) => !known.has(words[0] ?? ""));
    return { ...term, variants: [...term.variants, ...slips] };
  });
}

/** How the plural of a word, or its singular, may be written in English. */
function numbersOf(word: string): string[] {
  if (word.length < 3 || !/^[a-z]+$/u.test(word)) return [];
  const forms = [`${word}s`, `${word}es`];
  if (word.endsWith("zes")) forms.push(word.slice(0, -3));
  if (word.endsWith("z")) forms.push(`${word}zes`);
  if (word.endsWith("y")) forms.push(`${word.slice(0, -1)}ies`);
  if (word.endsWith("ies")) forms.push(`${word.slice(0, -3)}y`);
  if (word.endsWith("is")) forms.push(`${word.slice(0, -2)}es`);
  if (word.endsWith("es")) forms.push(word.slice(0, -2), `${word.slice(0, -2)}is`);
  if (word.endsWith("s") && !word.endsWith("ss")) forms.push(word.slice(0, -1));
  return forms.filter((form) => form.length >= 3);
}

/** A word as two words of the index, the first way that there is. */
function partsOf(word: string, has: (word: string) => boolean): Variant[] {
  for (let at = minPartLength; at <= word.length - minPartLength; at++) {
    const words = [word.slice(0, at), word.slice(at)];
    if (words.every(has)) return [{ words, worth: joinedWorth }];
  }
  return [];
}
