import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { likenessOf } from "../../src/resolve/look-alike.ts";

/** The pairs of a frozen list. */
async function pairsOf(file: string): Promise<readonly (readonly [string, string])[]> {
  const text = await readFile(join(import.meta.dirname, "fixtures", file), "utf8");
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [known = "", other = ""] = line.split(" ");
      return [known, other] as const;
    });
}

describe("the frozen lists", () => {
  it("have hardly a typo pair that npm's rule would flag: names that differ in punctuation and case only", async () => {
    const moniker = (id: string): string => id.toLowerCase().replaceAll(/[-_.]/gu, "");
    const pairs = await pairsOf("typo-pairs.txt");
    const flagged = pairs.filter(([known, other]) => moniker(known) === moniker(other));
    expect(flagged.length).toBeLessThan(pairs.length / 4);
  });

  it("have at least 95 % of the typo pairs flagged", async () => {
    const pairs = await pairsOf("typo-pairs.txt");
    const missed = pairs.filter(([known, other]) => likenessOf(other, known) === undefined);
    expect(pairs.length).toBeGreaterThanOrEqual(120);
    expect(missed.map((pair) => pair.join(" ")).slice(Math.floor(pairs.length * 0.05))).toEqual([]);
  });

  it("have at most 1 % of the honest pairs flagged", async () => {
    const pairs = await pairsOf("honest-pairs.txt");
    const flagged = pairs.filter(([known, other]) => likenessOf(other, known) !== undefined);
    expect(pairs.length).toBeGreaterThanOrEqual(120);
    expect(flagged.map((pair) => pair.join(" ")).slice(Math.floor(pairs.length * 0.01))).toEqual([]);
  });
});

describe("likeness", () => {
  it.each([
    ["io.ggen.rust.c1i", "io.ggen.rust.cli", "characters"],
    ["corn.example.tool", "com.example.tool", "characters"],
    ["io.ggen.rust_cli", "io.ggen.rust.cli", "separators"],
    ["dateutil-python", "python-dateutil", "order"],
    ["reqeusts", "requests", "spelling"],
    ["schema-v2", "schema-v1", undefined],
    ["schema-v12", "schema-v1", undefined],
    ["Requests", "requests", undefined],
    ["vuex", "vue", undefined],
  ] as const)("%s beside %s: %s", (id, known, likeness) => {
    expect(likenessOf(id, known)).toBe(likeness);
  });

  it.each([
    ["lag", "1ag", "characters"],
    ["lag", "iag", "characters"],
    ["top", "t0p", "characters"],
    ["bet", "b3t", "characters"],
    ["sun", "5un", "characters"],
    ["get", "6et", "characters"],
    ["get", "9et", "characters"],
    ["bam", "barn", "characters"],
    ["wet", "vvet", "characters"],
    ["dog", "clog", "characters"],
    ["a.b-c", "a-b_c", "separators"],
    ["tool.kit", "kit-tool", "order"],
    ["c-ab", "bc-a", undefined],
    // Two letters that changed places, from five on; not letters that only look as if they had.
    ["abcde", "abdce", "spelling"],
    ["abcd", "abdc", undefined],
    ["abcdef", "abxcef", undefined],
    ["abcdef", "abdceg", undefined],
    // A letter more or another letter, from six on; not two.
    ["abcdef", "abcdefx", "spelling"],
    ["abcdef", "xabcdef", "spelling"],
    ["abcde", "abcdex", undefined],
    ["abcdef", "abcxdeg", undefined],
    ["abcdef", "abcdefxy", undefined],
    ["abcdef", "abcxef", "spelling"],
    ["abcde", "abcxe", undefined],
    // Digits number versions, unless a letter takes the place of one.
    ["abcdef", "abcdef7", undefined],
    ["abcdef", "7abcdef", undefined],
    ["abcdef7", "abcdef8", undefined],
    ["abcdef0", "abcdef2", undefined],
    ["abcdef9", "abcdef8", undefined],
    ["abcde7f", "abcdexf", "spelling"],
    ["abcdef78", "abcdef87", undefined],
    ["abcdefx7", "abcdef7x", "spelling"],
  ] as const)("of %s and %s, either way round: %s", (one, other, likeness) => {
    expect(likenessOf(one, other)).toBe(likeness);
    expect(likenessOf(other.toUpperCase(), one)).toBe(likeness);
  });

  it("is mutual, and nothing is like itself", () => {
    const id = fc.stringMatching(/^[a-z0-9._-]{1,30}$/);
    fc.assert(
      fc.property(id, id, (a, b) => {
        expect(likenessOf(a, b)).toBe(likenessOf(b, a));
        expect(likenessOf(a, a.toUpperCase())).toBeUndefined();
      }),
    );
  });

  it("sees one letter taken out of, put into, or swapped in any long id", () => {
    const id = fc.stringMatching(/^[a-z]{8,40}$/);
    fc.assert(
      fc.property(id, fc.nat(), fc.stringMatching(/^[a-z]$/), (text, random, letter) => {
        const at = random % text.length;
        const changed = [
          text.slice(0, at) + text.slice(at + 1),
          text.slice(0, at) + letter + text.slice(at),
          text.slice(0, at) + letter + text.slice(at + 1),
          text.slice(0, at) + (text[at + 1] ?? "") + (text[at] ?? "") + text.slice(at + 2),
        ];
        for (const other of changed) expect(other === text || likenessOf(other, text) !== undefined).toBe(true);
      }),
    );
  });
});
