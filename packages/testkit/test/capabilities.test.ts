import { afterEach, expect, it } from "vitest";

import { capability, capabilityNames, expectedCapabilities, needs, reportCapabilities } from "../src/index.ts";

const expected = process.env["GGEN_EXPECT_CAPABILITIES"];
const chromium = process.env["GGEN_CHROMIUM"];

afterEach(() => {
  for (const [name, value] of [
    ["GGEN_EXPECT_CAPABILITIES", expected],
    ["GGEN_CHROMIUM", chromium],
  ] as const) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
});

it("reads the list of expected capabilities and refuses names that do not exist", () => {
  expect(expectedCapabilities("")).toEqual([]);
  expect(expectedCapabilities(" strace , corpus,")).toEqual(["strace", "corpus"]);
  expect(expectedCapabilities("all")).toEqual(capabilityNames);
  expect(() => expectedCapabilities("strace,telepathy")).toThrow("telepathy");
});

it("reports a missing capability, and fails only where it is expected", () => {
  process.env["GGEN_CHROMIUM"] = "/nowhere/chromium";
  process.env["GGEN_EXPECT_CAPABILITIES"] = "";
  expect(capability("chromium")).toEqual({ name: "chromium", available: false, detail: "no /nowhere/chromium" });
  expect(needs("chromium")).toBe(false);
  expect(reportCapabilities().missing).toEqual([]);
  expect(reportCapabilities().table).toMatch(/chromium +not possible here +no \/nowhere/);
  process.env["GGEN_EXPECT_CAPABILITIES"] = "chromium";
  expect(() => needs("chromium")).toThrow(/must be able to test with chromium/);
  expect(reportCapabilities().missing).toHaveLength(1);
  expect(reportCapabilities().table).toContain("MISSING");
});
