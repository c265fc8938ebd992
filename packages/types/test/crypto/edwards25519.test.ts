import { describe, expect, it } from "vitest";

import { setBounded } from "../../src/crypto/bounded-map.ts";
import { hasCanonicalY, isReducedScalar, isSmallOrder } from "../../src/crypto/edwards25519.ts";
import { createSigner } from "../../src/index.ts";
import { groupOrder, toLittleEndian } from "./textbook.ts";

// The library underneath refuses most of this as well, so that tests of signatures cannot see these refusals alone.
const prime = 2n ** 255n - 19n;
const signBit = 2n ** 255n;

/** The y coordinate of a point of order eight; the others have this one or its negative. */
const y8 = 55188659117513257062467267217118295137698188065244968500265048394206261417927n;
/** The y coordinates of the points whose order divides eight. */
const smallOrderY = [0n, 1n, prime - 1n, y8, prime - y8];
const generator = (4n * inverse(5n)) % prime;

function inverse(value: bigint): bigint {
  let result = 1n;
  let square = value;
  for (let rest = prime - 2n; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % prime;
    square = (square * square) % prime;
  }
  return result;
}

describe("a point of small order", () => {
  it.each([...smallOrderY, prime, prime + 1n])("is seen with either sign: y = %s", (y) => {
    expect(isSmallOrder(toLittleEndian(y))).toBe(true);
    expect(isSmallOrder(toLittleEndian(y + signBit))).toBe(true);
  });

  it("is neither the generator nor a key that somebody made, nor a neighbour of one", () => {
    const others = [generator, 2n, prime - 2n, prime + 2n, ...smallOrderY.slice(3).flatMap((y) => [y - 1n, y + 1n])];
    for (const y of others) expect(isSmallOrder(toLittleEndian(y))).toBe(false);
    expect(isSmallOrder(createSigner(new Uint8Array(32).fill(7)).publicKey)).toBe(false);
  });

  it("is looked at without being changed", () => {
    const point = Uint8Array.from(toLittleEndian(1n + signBit));
    isSmallOrder(point);
    hasCanonicalY(point);
    expect(point).toEqual(Uint8Array.from(toLittleEndian(1n + signBit)));
  });
});

describe("a y coordinate", () => {
  it.each([
    [0n, true],
    [generator, true],
    [prime - 1n, true],
    [prime, false],
    [prime + 1n, false],
    [signBit - 1n, false],
  ])("%s is canonical, with either sign: %s", (y, canonical) => {
    expect(hasCanonicalY(toLittleEndian(y))).toBe(canonical);
    expect(hasCanonicalY(toLittleEndian(y + signBit))).toBe(canonical);
  });
});

describe("a scalar", () => {
  it.each([
    [0n, true],
    [2n ** 252n - 1n, true],
    [2n ** 252n, true],
    [groupOrder - 1n, true],
    [groupOrder, false],
    [groupOrder + 1n, false],
    [2n ** 253n, false],
    [2n ** 256n - 1n, false],
  ])("%s is below the order of the group: %s", (scalar, reduced) => {
    expect(isReducedScalar(toLittleEndian(scalar))).toBe(reduced);
  });
});

describe("a bounded map", () => {
  it("lets the oldest entry go for a new one, and none for one that it has", () => {
    const map = new Map<string, number | undefined>();
    for (const [at, key] of ["a", "b", "c"].entries()) setBounded(map, 3, key, at);
    expect([...map]).toEqual([
      ["a", 0],
      ["b", 1],
      ["c", 2],
    ]);
    setBounded(map, 3, "b", 7);
    expect([...map.keys()]).toEqual(["a", "b", "c"]);
    expect(map.get("b")).toBe(7);
    setBounded(map, 3, "d", undefined);
    setBounded(map, 3, "e", 4);
    expect([...map]).toEqual([
      ["c", 2],
      ["d", undefined],
      ["e", 4],
    ]);
  });
});
