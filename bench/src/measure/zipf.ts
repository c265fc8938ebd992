import { createSeeded } from "./seeded.ts";

/**
 * Draws from 0 to `count - 1` so that the n-th is drawn with a probability in proportion to 1/n, the same for one seed.
 *
 * @param seed Any integer.
 */
export function createZipf(count: number, seed: number): () => number {
  const cumulative: number[] = [];
  let sum = 0;
  for (let rank = 1; rank <= count; rank += 1) {
    sum += 1 / rank;
    cumulative.push(sum);
  }
  const random = createSeeded(seed);
  return () => {
    const drawn = random() * sum;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((cumulative[middle] ?? sum) <= drawn) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
