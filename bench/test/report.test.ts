import { expect, it } from "vitest";
import { markdownTable, textTable } from "../src/report/format.ts";
import { isMissed } from "../src/report/row.ts";
import type { Row } from "../src/report/row.ts";

const row: Row = {
  figure: "search",
  condition: "local",
  value: 12.34,
  unit: "ms",
  samples: 9,
  target: { limit: 100, better: "lower" },
  rival: { name: "npm", value: 50 },
};

it("misses a target on its wrong side only, and never without one", () => {
  expect(isMissed(row)).toBe(false);
  expect(isMissed({ ...row, value: 100 })).toBe(true);
  expect(isMissed({ ...row, target: { limit: 80, better: "higher" } })).toBe(true);
  expect(isMissed({ ...row, value: 81, target: { limit: 80, better: "higher" } })).toBe(false);
  expect(isMissed({ figure: "search", condition: "local", value: 1e9, unit: "ms", samples: 1 })).toBe(false);
});

it("prints figure, target, rival and ratio side by side", () => {
  const [, line = ""] = textTable([row]).split("\n");
  expect(line.split(/ {2,}/)).toEqual(["search", "12.3 ms", "< 100 ms", "npm 50.0 ms", "0.25×", "9", "local"]);
});

it("marks what was missed and says why something was not measured", () => {
  const lines = markdownTable([
    { ...row, value: 250 },
    { figure: "mDNS", unmeasured: "no | multicast" },
  ]).split("\n");
  expect(lines[2]).toContain("| 250 ms MISSED |");
  expect(lines[3]).toBe("| mDNS | not measured |  |  |  |  | no \\| multicast |");
});
