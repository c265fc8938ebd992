import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { judgedCollections } from "../src/judged/collections.ts";
import { halfOf } from "../src/judged/judged-set.ts";
import { ndcgAt10, succeedsAt1 } from "../src/judged/measures.ts";

const collections = judgedCollections();

describe("the judged set", () => {
  it("is the one that was frozen before anything was tuned", () => {
    const hashes = collections.map((collection) => [
      collection.name,
      collection.documents.length,
      collection.queries.length,
      createHash("sha256").update(JSON.stringify(collection)).digest("hex"),
    ]);
    expect(hashes).toEqual([
      ["corpus", 63, 121, "305915c08d0b789526283eb20e0cdc6f1f438bae69e690cc0be5752a5f714336"],
      ["synthetic", 2000, 120, "2aa58bbff32df44d99df49f98b30d36dae6a7be0161dccefc388c9ef8f86e3c4"],
    ]);
  });

  it.each(collections)("$name judges documents that it has, each query once", ({ documents, queries }) => {
    const ids = new Set(documents.map(({ id }) => id));
    expect(ids.size).toBe(documents.length);
    expect(new Set(queries.map(({ text }) => text)).size).toBe(queries.length);
    for (const { grades } of queries) {
      expect(Object.keys(grades).filter((id) => !ids.has(id))).toEqual([]);
      expect(Object.values(grades)).toContain(3);
    }
  });

  it.each(collections)("$name has two halves with every kind of query in both", ({ queries }) => {
    const [tuning, heldOut] = [halfOf(queries, "tuning"), halfOf(queries, "held-out")];
    expect(tuning.length + heldOut.length).toBe(queries.length);
    expect(tuning.filter((query) => heldOut.includes(query))).toEqual([]);
    const kinds = new Set(queries.map(({ kind }) => kind));
    expect(kinds.size).toBe(10);
    for (const half of [tuning, heldOut]) expect(new Set(half.map(({ kind }) => kind))).toEqual(kinds);
  });
});

describe("measures", () => {
  const query = { kind: "words", text: "a", grades: { best: 3, good: 2, other: 1 } } as const;

  it("gives 1 to the best order, and to no other", () => {
    expect(ndcgAt10(query, ["best", "good", "other"])).toBe(1);
    expect(ndcgAt10(query, ["good", "best", "other"])).toBeCloseTo(
      (3 + 7 / Math.log2(3) + 0.5) / (7 + 3 / Math.log2(3) + 0.5),
    );
    expect(ndcgAt10(query, ["unknown"])).toBe(0);
    expect(ndcgAt10(query, [...Array.from({ length: 10 }, (_, place) => `x${place}`), "best"])).toBe(0);
  });

  it("counts a first result of the highest grade only", () => {
    expect(succeedsAt1(query, ["best"])).toBe(true);
    expect(succeedsAt1(query, ["good", "best"])).toBe(false);
    expect(succeedsAt1(query, [])).toBe(false);
  });
});
