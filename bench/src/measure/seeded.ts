/**
 * A stream of numbers from 0 (included) to 1 (not), the same for one seed.
 *
 * @param seed Any integer.
 */
export function createSeeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    // Mulberry32: small, seeded, and good enough to draw from a distribution.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Draws an element of a list that has some. */
export function createPick(random: () => number): <T>(list: readonly T[]) => T {
  return (list) => list[Math.floor(random() * list.length)] as (typeof list)[number];
}
