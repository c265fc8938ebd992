/** One item of an `Accept…` header. */
export interface WeightedItem {
  /** Lower case, without parameters. */
  readonly value: string;
  /** 0-1; 0 means "not this". */
  readonly weight: number;
}

/** A longer list is no client's honest wish. */
const maxItems = 32;

/**
 * Reads a list with `q` weights; items that break the grammar count for nothing.
 * @param header - the header's text, absent or as long as the header limit allows
 */
export function parseWeighted(header: string | undefined): readonly WeightedItem[] {
  if (header === undefined) return [];
  return header
    .split(",", maxItems)
    .map((item): WeightedItem => {
      const [value = "", ...parameters] = item.split(";").map((part) => part.trim().toLowerCase());
      const q = parameters.find((parameter) => parameter.startsWith("q="));
      if (q === undefined) return { value, weight: 1 };
      return { value, weight: /^q=(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q.slice(2)) : 0 };
    })
    .filter(({ value }) => value !== "");
}

/** The weight of the first listed name that a list has, else of `*`-like ones, else undefined. */
export function weightOf(items: readonly WeightedItem[], ...names: readonly string[]): number | undefined {
  for (const name of names) {
    const found = items.find(({ value }) => value === name);
    if (found !== undefined) return found.weight;
  }
  return undefined;
}
