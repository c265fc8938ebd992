import type { HighlightPart } from "@ggen/p2p-types";

const wordPattern = /[\p{L}\p{N}\p{M}\p{Co}]+/gu;
const markPattern = /\p{M}+/gu;
const ascii = /^[\0-\x7f]*$/;
const asciiWordPattern = /[a-z0-9]+/g;
const asciiAnyWordPattern = /[A-Za-z0-9]+/g;
/** Characters of a word of a query that are looked at. */
const maxWordLength = 64;

/** A word as the index keeps it: lower case, without diacritics. */
export function foldWord(word: string): string {
  if (ascii.test(word)) return word.toLowerCase();
  return word.normalize("NFD").replace(markPattern, "").toLowerCase();
}

/**
 * The words of a text, folded, each at most 64 characters.
 * @param text - anything
 * @param max - how many
 */
export function foldedWords(text: string, max: number): string[] {
  if (ascii.test(text)) {
    // The same as below, several times faster: most texts of most packages are this.
    const found = text.toLowerCase().match(asciiWordPattern) ?? [];
    const kept = found.length > max ? found.slice(0, max) : found;
    return text.length > maxWordLength ? kept.map((word) => word.slice(0, maxWordLength)) : kept;
  }
  const words: string[] = [];
  for (const [match] of text.matchAll(wordPattern)) {
    if (words.length >= max) break;
    const word = foldWord(match).slice(0, maxWordLength);
    if (word.length > 0) words.push(word);
  }
  return words;
}

/**
 * More words for an id than its own separators give: `MyPackage` is also my, package; `my-package` also mypackage.
 */
export function idWords(id: string): string {
  const words: string[] = [];
  for (const segment of id.split(".")) {
    const parts = segment.split(/[_-]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).filter((part) => part !== "");
    if (parts.length > 1) words.push(...parts, parts.join(""));
  }
  return words.join(" ");
}

/** Stands before the letters that a word begins with, where the index has them; a letter to it that no language has. */
const startMark = "\u{E000}";
/** Stands before the last label of an id. */
const labelMark = "\u{E001}";
/** How many letters the index has of a word's beginning. */
const startLengths = [2, 3];
const maxStarts = 400;

/** Whether the index has a beginning of a name's word as a word of its own, and which; undefined when it has not. */
export function wordStart(letters: string): string | undefined {
  return startLengths.includes(Array.from(letters).length) ? startMark + letters : undefined;
}

/** The word that the index has for the last label of an id. @param label - lower case, without separators */
export function labelWord(label: string): string {
  return labelMark + label;
}

/**
 * What the index has of a name. What no query has is between what does not belong together, so that no phrase goes across.
 */
export function nameText(id: string, title: string): string {
  const label = (id.split(".").at(-1) ?? "").replaceAll(/[-_]/gu, "");
  const words = idWords(id);
  return [id, labelWord(label), words, wordStarts(`${id} ${words} ${title}`), title].join(" ");
}

/** The beginnings of the words of a name, as {@link wordStart} names them. */
function wordStarts(name: string): string {
  const starts = new Set<string>();
  for (const word of foldedWords(name, maxStarts)) {
    const letters = Array.from(word);
    for (const length of startLengths)
      if (letters.length >= length) starts.add(startMark + letters.slice(0, length).join(""));
  }
  return [...starts].join(" ");
}

/**
 * A text in parts, those words marked that a search sought.
 * @param isSought - asked with each folded word
 * @returns undefined when nothing matches
 */
export function highlight(text: string, isSought: (word: string) => boolean): HighlightPart[] | undefined {
  const parts: HighlightPart[] = [];
  let end = 0;
  for (const match of text.matchAll(ascii.test(text) ? asciiAnyWordPattern : wordPattern)) {
    if (!isSought(foldWord(match[0]))) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), match: false });
    parts.push({ text: match[0], match: true });
    end = match.index + match[0].length;
  }
  if (parts.length === 0) return undefined;
  if (end < text.length) parts.push({ text: text.slice(end), match: false });
  return parts;
}
