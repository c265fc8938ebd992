import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isSought, matchExpression, soughtWords } from "../../src/search/match-expression.ts";
import { editDistance } from "../../src/search/typo.ts";
import { highlight, idWords, queryWords } from "../../src/search/words.ts";

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
    expect(queryWords("Rust, rüst & CLI rust")).toEqual(["cli", "rust"]);
    expect(queryWords("a ".repeat(100))).toEqual(["a"]);
    expect(queryWords(Array.from({ length: 50 }, (_, n) => `w${n}`).join(" "))).toHaveLength(24);
    expect(queryWords("x".repeat(500))[0]).toHaveLength(64);
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
    expect(matchExpression(soughtWords(["rust", 'we"b']), "AND")).toBe('("rust") AND ("we""b" *)');
    expect(matchExpression(soughtWords(["a"]), "OR")).toBe('("a")');
    expect(matchExpression([{ terms: ["rsut", "rust"], prefix: true }], "AND")).toBe('("rsut" * OR "rust")');
  });

  it("knows a sought word again", () => {
    const sought = soughtWords(["rust", "we"]);
    expect(["rust", "web", "rusty"].map((word) => isSought(sought, word))).toEqual([true, true, false]);
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
