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
  let state = seed >>> 0;
  return () => {
    // Mulberry32: small, seeded, and good enough to draw from a distribution.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    const drawn = (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * sum;
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
