import { stripVTControlCharacters } from "node:util";

import { type AskedPeers, GgenError, type Package } from "@ggen/p2p-types";
import { describe, expect, it } from "vitest";

import { renderError } from "../../src/render/error.ts";
import { plain, plainValue } from "../../src/render/plain.ts";
import { createProgressView, renderProgress } from "../../src/render/progress.ts";
import { formatBytes, formatCount, formatSeconds, formatShare } from "../../src/render/quantity.ts";
import { renderSearch } from "../../src/render/search.ts";
import { createStyle, wantsColour } from "../../src/render/style.ts";
import { renderFields, renderTable } from "../../src/render/table.ts";
import { createManualClock } from "../support/clock.ts";

const bare = createStyle(false);
const coloured = createStyle(true);

describe("text of strangers", () => {
  it.each([
    ["an escape sequence", "a\u001b[2Jb", "a\ufffd[2Jb"],
    ["a title change", "\u001b]0;pwned\u0007x", "\ufffd]0;pwned\ufffdx"],
    ["a C1 control", "a\u009b31mb", "a\ufffd31mb"],
    ["several lines", "a\nb\r\nc\td", "a b  c d"],
    ["a direction override", "abc\u202etxt.exe", "abc\ufffdtxt.exe"],
    ["ordinary text of any script", "Größe 漢字 🎉 “x”", "Größe 漢字 🎉 “x”"],
  ])("is safe on a terminal: %s", (_, text, safe) => {
    expect(plain(text)).toBe(safe);
  });

  it("is made safe wherever it stands in an answer", () => {
    const value = { a: ["\u001b[1m"], b: { "k\u0000": "x", n: 5, z: null, t: true } };
    expect(plainValue(value)).toEqual({ a: ["\ufffd[1m"], b: { "k\ufffd": "x", n: 5, z: null, t: true } });
  });
});

describe("tables", () => {
  const columns = [
    { title: "ID", value: (row: { id: string; n: number }) => row.id, paint: coloured.bold },
    { title: "N", value: (row: { n: number }) => String(row.n), align: "right" as const },
    { title: "TEXT", value: () => "one two three four five" },
  ];

  it("align columns, whatever is painted", () => {
    const text = renderTable(columns, [
      { id: "a", n: 5 },
      { id: "long-id", n: 123 },
    ]);
    const lines = text.split("\n").map((line) => stripVTControlCharacters(line));
    expect(lines).toEqual([
      "ID         N  TEXT",
      "a          5  one two three four five",
      "long-id  123  one two three four five",
      "",
    ]);
  });

  it("cut the last column to the terminal", () => {
    const text = renderTable(columns.slice(2), [{ id: "a", n: 1 }], 12);
    expect(text).toBe("TEXT\none two thr…\n");
  });

  it("put values below one another", () => {
    expect(
      renderFields([
        ["a", "1"],
        ["longer", ["2", "3"]],
        ["none", undefined],
        ["empty", []],
      ]),
    ).toBe("a:      1\nlonger: 2\n        3\nempty:  -\n");
  });
});

describe("errors", () => {
  it("say what happened, what was expected, what to do", () => {
    const error = new GgenError("usage.invalid", "It is wrong", { expected: "a", got: "b", hint: "do c" });
    expect(renderError(error, bare)).toBe("Error: It is wrong (expected a, got b) [usage.invalid]\n  → do c\n");
  });

  it("keep several lines and drop control characters", () => {
    const error = new GgenError("config.invalid", "first\nsecond\u001b[2J");
    expect(renderError(error, bare)).toContain("first\nsecond\ufffd[2J");
  });
});

describe("quantities", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [6100, "6.1 KB"],
    [64_000_000, "64.0 MB"],
    [999_000_000_000_000, "999 TB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it.each([
    [0, "0s"],
    [59, "59s"],
    [61, "1m 1s"],
    [7300, "2h 1m"],
    [100_000, "1d 3h"],
  ])("%d seconds are %s", (seconds, text) => {
    expect(formatSeconds(seconds)).toBe(text);
  });

  it("count with the right noun", () => {
    expect([formatCount(1, "peer"), formatCount(2, "peer"), formatShare(0.5), formatShare(0.012)]).toEqual([
      "1 peer",
      "2 peers",
      "50 %",
      "1.2 %",
    ]);
  });
});

describe("colours", () => {
  it.each([
    [{ isTTY: true }, {}, true],
    [{ isTTY: true }, { NO_COLOR: "1" }, false],
    [{ isTTY: true }, { TERM: "dumb" }, false],
    [{ isTTY: false }, {}, false],
    [{}, {}, false],
  ])("of %o with %o: %s", (stream, env, expected) => {
    expect(wantsColour(stream, env)).toBe(expected);
  });
});

describe("progress", () => {
  const step = { step: "fetch", subject: "x@1.0.0", done: 500_000, total: 2_000_000, unit: "bytes" as const };

  it("says how far", () => {
    expect(renderProgress(step)).toBe("fetch x@1.0.0 500 KB of 2.0 MB (25 %)");
    expect(renderProgress({ step: "pack", subject: "x", done: 3, unit: "files" })).toBe("pack x 3 files");
    expect(renderProgress({ step: "start", subject: "a node" })).toBe("start a node");
  });

  it("is silent for a second, then one line a step where there is no terminal", () => {
    const clock = createManualClock();
    const written: string[] = [];
    const view = createProgressView({ write: (text) => written.push(text) }, clock);
    view.update(step);
    expect(written).toEqual([]);
    clock.advance(1001);
    view.update(step);
    view.update({ ...step, done: 600_000 });
    view.update({ step: "verify", subject: "x" });
    view.end();
    expect(written).toEqual(["fetch x@1.0.0 500 KB of 2.0 MB (25 %)\n", "verify x\n"]);
  });

  it("rewrites one line on a terminal, no wider than it, and removes it", () => {
    const clock = createManualClock();
    const written: string[] = [];
    const view = createProgressView({ isTTY: true, columns: 30, write: (text) => written.push(text) }, clock);
    clock.advance(1001);
    view.update(step);
    view.update(step);
    view.end();
    expect(written).toEqual(["\r\u001b[Kfetch x@1.0.0 500 KB of 2.0 MB".slice(0, 4 + 29), "\r\u001b[K"]);
  });
});

describe("search results", () => {
  const found = { id: "io.a", name: "A", version: "1.0.0", description: "text", category: "web" } as unknown as Package;
  const row = { package: found, score: 1, peerCount: 2, claimants: ["ggen1a"], highlights: {} };

  it("are a table, and say what they leave out", () => {
    const page = { results: [row], total: 5, position: 0, next: "x", hiddenByReputation: 2, complete: false };
    expect(renderSearch(page, bare, 80)).toBe(
      [
        "ID    VERSION  PEERS  CATEGORY  DESCRIPTION",
        "io.a  1.0.0        2  web       text",
        "1 of 5; see more with --offset and --limit",
        "2 packages hidden: no known holder reaches --min-reputation",
        "this node does not have the whole catalogue; there may be more",
        "",
      ].join("\n"),
    );
  });

  it("of a light node say whom it asked, and who gave less than others", () => {
    const page = { results: [row], total: 1, position: 0, next: null, hiddenByReputation: 0, complete: false };
    const lines = (asked: AskedPeers): string[] =>
      renderSearch({ ...page, asked }, bare, 80)
        .split("\n")
        .slice(2);
    expect(lines({ asked: ["a", "b"], answered: ["a", "b"], lacking: [] })).toEqual(["asked 2 full nodes", ""]);
    expect(lines({ asked: ["a", "b", "c"], answered: ["a", "b"], lacking: ["b"] })).toEqual([
      "asked 3 full nodes, 2 answered; less than others gave b: what any of them gave is counted",
      "",
    ]);
  });

  it("are counted by facets, and say when these are not all", () => {
    const facets = {
      categories: [{ value: "web", count: 3 }],
      tags: Array.from({ length: 7 }, (_, place) => ({ value: `t${place}`, count: 1 })),
      licenses: [],
      publishers: [],
      exact: false,
    };
    const bound = { total: 5000, totalIsLowerBound: true, position: 0, next: "x" } as const;
    const text = renderSearch({ results: [row], ...bound, hiddenByReputation: 0, complete: true, facets }, bare, 80);
    expect(text.split("\n").slice(2)).toEqual([
      "",
      "Categories  web (3)",
      "Tags        t0 (1), t1 (1), t2 (1), t3 (1), t4 (1), t5 (1), …",
      "(counted among the first 5,000 of them)",
      "1 of more than 5000; see more with --offset and --limit",
      "",
    ]);
  });

  it("say when several publishers claim an id, and when nothing was found", () => {
    const disputed = { ...row, claimants: ["ggen1a", "ggen1b"] };
    const page = { results: [disputed], total: 1, position: 0, next: null, hiddenByReputation: 0, complete: true };
    expect(renderSearch(page, bare, 80)).toContain("(2 publishers claim this id) text");
    expect(renderSearch({ ...page, results: [], total: 0 }, bare, 80)).toBe("No package found.\n");
  });
});
