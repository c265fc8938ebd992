import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { Query } from "@ggen/p2p-types";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

import { openCatalog } from "../../src/index.ts";
import { openReadOnly } from "../../src/replica/database.ts";
import { checkQuery } from "../../src/search/check-query.ts";
import { createSearch } from "../../src/search/run-search.ts";
import type { FoundRows } from "../../src/search/search-request.ts";
import { type Parameters, type Row, Statements } from "../../src/search/statements.ts";
import { publisherWithKey } from "../publisher-fixture.ts";
import { testClock } from "../replica/folder.ts";

/** Packages that match what is asked: more than are compared, cut or shown. */
const packages = 300;
/** What one search may do, however it is asked; what it costs in milliseconds is measured in bench. */
const most = { statements: 450, envelopes: 24 + 24 + 2 * 6 * 24 + 100, matches: 5000 };

interface Work {
  statements: number;
  /** Envelopes that were read and decoded. */
  envelopes: number;
  /** Most rows that one statement gave. */
  matches: number;
  /** How often it was asked whether to go on. */
  asked: number;
}

/** A connection that counts. */
class CountedStatements extends Statements {
  work: Work = { statements: 0, envelopes: 0, matches: 0, asked: 0 };

  override rows(sql: string, parameters?: Parameters): readonly Row[] {
    const rows = super.rows(sql, parameters);
    this.work.statements++;
    this.work.matches = Math.max(this.work.matches, rows.length);
    if (sql.includes("e.envelope")) this.work.envelopes += rows.length;
    return rows;
  }

  override row(sql: string, parameters?: Parameters): Row | undefined {
    this.work.statements++;
    return super.row(sql, parameters);
  }

  override goOn(): void {
    this.work.asked++;
    super.goOn();
  }
}

let path = "";
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "ggen-search-work-"));
  path = join(folder, "catalog.db");
  const catalog = openCatalog({ path, clock: testClock });
  const owner = publisherWithKey("work");
  const words = Array.from({ length: 30 }, (_, place) => `word${place}`);
  for (let count = 0; count < packages; count++) {
    const manifest = { title: `common ${count}`, description: words.join(" "), tags: ["common", `t${count % 9}`] };
    owner.release("laptop", { id: `io.work.common${count}`, manifest });
  }
  await catalog.accept(
    owner.operations.map(({ envelope }) => envelope),
    { via: "local" },
  );
  await catalog.close();
  return () => rmSync(folder, { recursive: true });
});

/** Searches over a connection of its own. */
function search(query: Query, shouldStop: () => boolean = () => false): { work: Work; run: () => FoundRows } {
  const database = openReadOnly(path);
  const db = new CountedStatements(database, shouldStop);
  const answer = createSearch(db);
  return {
    work: db.work,
    run: () => {
      db.work = Object.assign(db.work, { statements: 0, envelopes: 0, matches: 0, asked: 0 });
      return answer(checkQuery(query, []).request);
    },
  };
}

const word = (place: number): string => `word${place}`;
const hostile: readonly (readonly [string, Query])[] = [
  ["24 words that all have", { text: Array.from({ length: 24 }, (_, place) => word(place)).join(" ") }],
  ["23 of them and one that none has", { text: `${Array.from({ length: 23 }, (_, n) => word(n)).join(" ")} zzzz` }],
  ["24 misspelt words", { text: Array.from({ length: 24 }, (_, place) => `wrod${place}x`).join(" ") }],
  ["words that could be anything's beginning", { text: "w wo wor word c co com comm" }],
  ["phrases of common words", { text: '"word1 word2" "word3 word4" "word5 word6" word7 "common common"' }],
  ["a thousand letters", { text: "w".repeat(1000) }],
  ["a thousand words", { text: "a ".repeat(500) }],
  ["a word to be taken apart", { text: "wordcommonwordcommonwordcommonwordcommonwordcommonwordcommonwordx" }],
  ["64 tags", { text: "common", tags: Array.from({ length: 64 }, (_, place) => `t${place}`) }],
  ["64 categories, nothing else", { categories: Array.from({ length: 64 }, String), facets: true }],
  ["everything, counted", { facets: true, sort: "updated", limit: 100 }],
  ["far behind the end", { text: "common", offset: 1_000_000, facets: true }],
  ["everything, far behind", { offset: 1_000_000, sort: "name" }],
];

describe("the work of a search", () => {
  it.each(hostile)("is bounded: %s", (_, query) => {
    const { work, run } = search(query);
    run();
    expect(work.statements).toBeLessThanOrEqual(most.statements);
    expect(work.envelopes).toBeLessThanOrEqual(most.envelopes);
    expect(work.matches).toBeLessThanOrEqual(most.matches);
  });

  it("is bounded for any query", () => {
    const letters = fc.constantFrom(
      "w",
      "wo",
      "word1",
      "word2",
      "common",
      "commn",
      "wrod3",
      '"',
      " ",
      "*",
      "é",
      "\0",
      "x",
    );
    const queries = fc.record(
      {
        text: fc.array(letters, { maxLength: 80 }).map((parts) => parts.join("")),
        tags: fc.array(fc.constantFrom("common", "t1", "none"), { maxLength: 3 }),
        sort: fc.constantFrom("relevance" as const, "name" as const, "updated" as const),
        facets: fc.boolean(),
        limit: fc.integer({ min: 1, max: 100 }),
        offset: fc.nat(1000),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(queries, (query) => {
        const { work, run } = search(query);
        const { results, total } = run();
        expect(results.length).toBeLessThanOrEqual(Math.min(query.limit ?? 20, total));
        expect(work.statements).toBeLessThanOrEqual(most.statements);
        expect(work.envelopes).toBeLessThanOrEqual(most.envelopes);
      }),
      { numRuns: 40 },
    );
  });

  it("is decoded once: a second search of the same reads no envelope again", () => {
    const { work, run } = search({ text: "common" });
    run();
    expect(work.envelopes).toBe(24);
    run();
    expect(work.envelopes).toBe(0);
  });

  it.each(hostile)("ends at whatever step it is told to, and leaves nothing open: %s", (_, query) => {
    const whole = search(query);
    whole.run();
    const steps = whole.work.asked;
    expect(steps).toBeGreaterThan(3);
    const some = new Set([1, 2, 3, steps, ...Array.from({ length: 3 }, (__, n) => Math.ceil((steps * (n + 1)) / 4))]);
    for (const at of some) {
      let asked = 0;
      let isUp = true;
      const { run } = search(query, () => isUp && ++asked >= at);
      expect(run).toThrow("stopped");
      isUp = false;
      expect(run().total).toBeGreaterThanOrEqual(0);
    }
  });

  it("asks whether to go on in between rows of one statement", () => {
    // 300 matches of one statement: without being asked in between, only the few statements would be counted.
    const { work, run } = search({ text: "common", limit: 1 });
    run();
    expect(work.asked - work.statements).toBeGreaterThanOrEqual(Math.floor(packages / 32));
  });
});
