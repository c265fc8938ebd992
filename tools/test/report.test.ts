import { expect, it } from "vitest";
import { suiteTable, totalLine } from "../suites/report.ts";

const quick = { folder: "packages/types", durationMs: 1250, passed: 10, failed: 0, skipped: 1 };
const slow = { folder: "packages/gpack", durationMs: 99_000, passed: 4, failed: 2, skipped: 0 };

it("prints one aligned row per suite and marks what is wrong", () => {
  expect(suiteTable([quick, slow]).split("\n")).toEqual([
    "suite           tests  seconds  budget",
    "packages/types     11      1.3      20",
    "packages/gpack      6     99.0      20  2 FAILED, over budget",
  ]);
});

it("ends with the line that other programs read", () => {
  expect(totalLine([quick, slow])).toBe("14 passed, 2 failed, 1 skipped");
  expect(totalLine([])).toBe("0 passed, 0 failed, 0 skipped");
});
