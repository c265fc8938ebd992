import type { Query } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import type { Catalog } from "../../src/index.ts";
import { openShelf } from "./shelf.ts";

let catalog: Catalog;

beforeAll(async () => {
  const opened = await openShelf();
  ({ catalog } = opened);
  return opened.close;
});

describe("hostile queries", () => {
  it.each([
    '"',
    '""',
    '" OR "',
    "rust OR",
    "AND OR NOT",
    "NEAR(a b, 5)",
    "id : rust",
    "{id words} : x",
    "^rust",
    "rust*",
    "* * *",
    "rust + web",
    "-rust",
    "(((((",
    "'; DROP TABLE operations; --",
    "%_%",
    "\0",
    "ru\0st",
    "\uD800",
    "\u0301\u0301\u0301",
    "a".repeat(1000),
    "a ".repeat(500),
    "𝓇𝓊𝓈𝓉 🦀",
    "rowid:1",
  ])("takes %j as words", async (text) => {
    const page = await catalog.search({ text });
    expect(page.total).toBeLessThanOrEqual(5);
    expect(catalog.counts().operations).toBe(7);
  });

  it("takes any text", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 40 }), async (text) => {
        const page = await catalog.search({ text });
        expect(page.results.length).toBeLessThanOrEqual(page.total);
      }),
      { numRuns: 100 },
    );
  });

  it.each<[string, Query]>([
    ["text over 1,000 characters", { text: "a".repeat(1001) }],
    ["keywords over 1,000 characters", { text: "a".repeat(600), keywords: ["b".repeat(401)] }],
    ["a limit of 0", { limit: 0 }],
    ["a limit of 101", { limit: 101 }],
    ["half an offset", { offset: 0.5 }],
    ["a negative offset", { offset: -1 }],
    ["too many tags", { tags: Array.from({ length: 65 }, String) }],
    ["a long category", { category: "a".repeat(101) }],
  ])("refuses %s", async (_, query) => {
    await expect(catalog.search(query)).rejects.toMatchObject({ code: "usage.invalid" });
  });
});
