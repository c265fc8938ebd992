import { createHash } from "node:crypto";

/** Random numbers that are the same for the same seed. */
export interface SeededRandom {
  /** @param length - how many bytes */
  readonly bytes: (length: number) => Uint8Array;
  /** In [0, 1). */
  readonly number: () => number;
  /** A whole number from 0 on, below `limit`. */
  readonly below: (limit: number) => number;
  /** One of a list that is not empty. */
  readonly pick: <T>(list: readonly T[]) => T;
}

/**
 * A source of random numbers.
 * @param seed - any text; other texts give unrelated numbers
 */
export function createSeededRandom(seed: string): SeededRandom {
  const key = createHash("sha256").update(seed).digest();
  let pool = Buffer.alloc(0);
  let counter = 0;
  const bytes = (length: number): Uint8Array => {
    while (pool.byteLength < length) {
      const block = createHash("sha256").update(key).update(String(counter++)).digest();
      pool = Buffer.concat([pool, block]);
    }
    const taken = new Uint8Array(pool.subarray(0, length));
    pool = pool.subarray(length);
    return taken;
  };
  const number = (): number => Buffer.from(bytes(4)).readUInt32BE() / 2 ** 32;
  const below = (limit: number): number => Math.floor(number() * limit);
  return {
    bytes,
    number,
    below,
    pick(list) {
      const [...items] = list;
      if (items.length === 0) throw new RangeError("nothing to pick from");
      return items[below(items.length)] as (typeof list)[number];
    },
  };
}
