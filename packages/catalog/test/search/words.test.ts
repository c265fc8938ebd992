import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isSought, matchExpression, soughtTerms } from "../../src/search/match-expression.ts";
import { parseQueryText } from "../../src/search/query-text.ts";
import { editDistance, misspellingsOf } from "../../src/search/typo.ts";
import { withForms } from "../../src/search/variants.ts";
import type { Vocabulary } from "../../src/search/vocabulary.ts";
import { highlight, idWords } from "../../src/search/words.ts";

describe("words", () => {
  it.each([
    ["MyPackage", "My Package MyPackage"],
    ["io.example.my-package", "my package mypackage"],
    ["HTTPServer2Go", "HTTP Server2 Go HTTPServer2Go"],
    ["plain", ""],
    ["a_b.c-d", "a b ab c d cd"],
  ])("splits the id %s", (id, expected) => {
    expect(idWords(id)).toBe(expected);
  });

  it("keeps the distinct words of a query, few and short, the last one last", () => {
    const queryWords = (text: string): readonly string[] => parseQueryText(text).words;
    expect(queryWords("Rust, rüst & CLI rust")).toEqual(["cli", "rust"]);
    expect(queryWords("a ".repeat(100))).toEqual(["a"]);
    expect(queryWords(Array.from({ length: 50 }, (_, n) => `w${n}`).join(" "))).toHaveLength(24);
    expect(queryWords("x".repeat(500))[0]).toHaveLength(64);
  });

  it.each<[string, string[], string[][]]>([
    ['"peer review" tool', ["tool"], [["peer", "review"]]],
    ['a "Two-Column" b', ["a", "b"], [["two", "column"]]],
    ['"one"', ["one"], []],
    ['"open', ["open"], []],
    ['"" " "', [], []],
    [
      'x"a b"y"c d"',
      ["x", "y"],
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
  ])("takes phrases out of %j", (text, words, phrases) => {
    expect(parseQueryText(text)).toEqual({ words, phrases });
  });

  it("never looks at more than 24 words, in quotes or not", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom("a", "bc", '"', " ", "-"), { maxLength: 300 }), (parts) => {
        const { words, phrases } = parseQueryText(parts.join(""));
        expect(words.length + phrases.flat().length).toBeLessThanOrEqual(24);
      }),
    );
  });

  it("marks parts that together are the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ minLength: 1, maxLength: 2 }), (text, sought) => {
        const parts = highlight(text, (word) => word.startsWith(sought.toLowerCase()));
        if (parts !== undefined) {
          expect(parts.map((part) => part.text).join("")).toBe(text);
          expect(parts.some(({ match }) => match)).toBe(true);
          expect(parts.every((part) => part.text !== "")).toBe(true);
        }
      }),
    );
  });
});

describe("match expressions", () => {
  it("quotes every term, and seeks the last one as a prefix too", () => {
    expect(matchExpression(soughtTerms(["rust", 'we"b']))).toBe('("rust") AND ("we""b" *)');
    expect(matchExpression(soughtTerms(["a"], [["x", "y"]]))).toBe('("x y") AND ("a")');
    const [term] = soughtTerms(["rsut"]);
    const variants = [
      { words: ["rust"], worth: 0.5 },
      { words: ["r", "sut"], worth: 0.5 },
    ];
    expect(matchExpression(term === undefined ? [] : [{ ...term, variants }])).toBe('("rsut" * OR "rust" OR "r sut")');
  });

  it("knows a sought word again", () => {
    const sought = soughtTerms(["rust", "we"]);
    expect(["rust", "web", "rusty"].map((word) => isSought(sought, word))).toEqual([true, true, false]);
  });
});

/** A vocabulary of words that are in one listing each. */
function vocabularyOf(words: readonly string[]): Vocabulary {
  const sorted = words.toSorted();
  return {
    listings: (word) => (sorted.includes(word) ? 1 : 0),
    beginning: (letters, max) =>
      sorted
        .filter((word) => word.startsWith(letters))
        .slice(0, max)
        .map((word) => ({ word, listings: 1 })),
    lastListing: () => 1,
    packages: () => 1,
  };
}

describe("variants", () => {
  const formsOf = (typed: readonly string[], words: readonly string[]): string[][] =>
    withForms(soughtTerms(typed), vocabularyOf(words)).map(({ variants }) =>
      variants.map((variant) => variant.words.join(" ")),
    );

  it.each([
    ["box", "boxes"],
    ["pharmacy", "pharmacies"],
    ["diagnosis", "diagnoses"],
    ["quiz", "quizzes"],
    ["tool", "tools"],
  ])("knows %s and %s", (one, many) => {
    expect(formsOf([one], [one, many])).toEqual([[many]]);
    expect(formsOf([many], [one, many])).toEqual([[one]]);
  });

  it("joins neighbours, and takes apart what the index does not have", () => {
    expect(formsOf(["micro", "service"], ["microservice"])).toEqual([["microservice"], ["microservice"]]);
    expect(formsOf(["knowledgegraph"], ["knowledge", "graph"])).toEqual([["knowledge graph"]]);
    expect(formsOf(["catalog"], ["catalog", "cat", "alog"])).toEqual([[]]);
  });
});

describe("misspellings", () => {
  const crowd = Array.from(
    { length: 5000 },
    (_, n) => `p${(n + 676).toString(26).replaceAll(/\d/gu, (d) => "qrstuvwxyz"[Number(d)] ?? "q")}`,
  );

  it.each(["pyhton", "pthon", "pxython", "paython", "pytohn", "pythonn", "pythn"])(
    "finds python for %s, also in a crowd",
    (typed) => {
      for (const words of [["python"], [...crowd, "python"]]) {
        expect(misspellingsOf(typed, vocabularyOf(words)).map((variant) => variant.words[0])).toContain("python");
      }
    },
  );

  it("leaves short words alone", () => {
    expect(misspellingsOf("pyt", vocabularyOf(["pyth"]))).toEqual([]);
  });
});

describe("editDistance", () => {
  it.each([
    ["rust", "rust", 0],
    ["rust", "rsut", 1],
    ["rust", "ruts", 1],
    ["rust", "rusty", 1],
    ["rust", "rut", 1],
    ["rust", "must", 1],
    ["ontology", "ontolgoy", 1],
    ["", "ab", 2],
  ])("from %s to %s", (from, to, expected) => {
    expect(editDistance(Array.from(from), Array.from(to), 5)).toBe(expected);
  });

  it("is the same both ways, and at most the longer length", () => {
    const word = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        const distance = editDistance(a, b, 20);
        expect(distance).toBe(editDistance(b, a, 20));
        expect(distance).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(distance).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
  });
});
