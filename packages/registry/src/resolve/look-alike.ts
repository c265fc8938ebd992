/** How one id may be taken for another. */
export type Likeness = "characters" | "separators" | "order" | "spelling";

/** Groups of characters that are hard to tell apart in some font, and what stands for each. */
const confusable: readonly (readonly [RegExp, string])[] = [
  [/[il1]/g, "l"],
  [/0/g, "o"],
  [/3/g, "e"],
  [/5/g, "s"],
  [/[69]/g, "g"],
  [/rn/g, "m"],
  [/vv/g, "w"],
  [/cl/g, "d"],
];

/** Shorter ids than these are one edit apart by chance too often. */
const minEditLength = 6;
const minSwapLength = 5;

const isDigit = (letter: string): boolean => letter >= "0" && letter <= "9";

/**
 * How an id may be taken for another one, if it may.
 * @param id - the id in question, any case
 * @param known - an id that the user knows, any case
 * @returns undefined when they are the same id, or clearly different ones
 */
export function likenessOf(id: string, known: string): Likeness | undefined {
  const [a, b] = [id.toLowerCase(), known.toLowerCase()];
  if (a === b) return undefined;
  const [bareA, bareB] = [withoutSeparators(a), withoutSeparators(b)];
  if (bareA === bareB) return "separators";
  if (skeleton(bareA) === skeleton(bareB)) return "characters";
  if (a.length === b.length && sortedWords(a) === sortedWords(b)) return "order";
  return isOneEdit(bareA, bareB) ? "spelling" : undefined;
}

function withoutSeparators(id: string): string {
  return id.replaceAll(/[._-]/g, "");
}

function skeleton(bare: string): string {
  return confusable.reduce((text, [pattern, letter]) => text.replaceAll(pattern, letter), bare);
}

function sortedWords(id: string): string {
  return id
    .split(/[._-]+/)
    .toSorted()
    .join(" ");
}

/**
 * Whether a text becomes another one by one letter more, less or other, or by two neighbours changing places. Digits in
 * each other's place do not count: they number versions, not mistakes.
 */
function isOneEdit(a: string, b: string): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length < minSwapLength || long.length - short.length > 1) return false;
  let from = 0;
  while (from < short.length && short[from] === long[from]) from += 1;
  if (long.length > short.length) {
    return short.length >= minEditLength && !isDigit(long[from] ?? "") && short.slice(from) === long.slice(from + 1);
  }
  const [one = "", two = ""] = [short[from], long[from]];
  if (short.slice(from + 1) === long.slice(from + 1)) {
    return short.length >= minEditLength && !(isDigit(one) && isDigit(two));
  }
  const isSwap = one === long[from + 1] && two === short[from + 1] && !(isDigit(one) && isDigit(two));
  return isSwap && short.slice(from + 2) === long.slice(from + 2);
}
