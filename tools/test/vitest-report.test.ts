import { describe, expect, it } from "vitest";
import { countSuite } from "../suites/vitest-report.ts";

const report = (fields: object): string =>
  JSON.stringify({
    success: true,
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 1,
    numTodoTests: 1,
    ...fields,
  });

describe("countSuite", () => {
  it("counts what passed, failed and was skipped", () => {
    expect(countSuite(report({}), 0)).toEqual({ passed: 3, failed: 0, skipped: 2 });
    expect(countSuite(report({ numFailedTests: 2, success: false }), 1)).toEqual({ passed: 3, failed: 2, skipped: 2 });
  });

  it.each([
    ["there is no report", undefined, 0],
    ["the report is not JSON", "{", 0],
    ["the report is not an object", "7", 0],
  ])("fails when %s", (_name, text, code) => {
    expect(countSuite(text, code)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("fails when no test ran", () => {
    expect(countSuite(report({ numPassedTests: 0, numPendingTests: 0, numTodoTests: 0 }), 0).failed).toBe(1);
  });

  it("fails when vitest did for a reason outside of the tests", () => {
    expect(countSuite(report({}), 1).failed).toBe(1);
    expect(countSuite(report({ success: false }), 0).failed).toBe(1);
  });

  it("counts a file that did not load", () => {
    const testResults = [{ status: "failed", assertionResults: [] }];
    expect(countSuite(report({ success: false, testResults }), 1)).toEqual({ passed: 3, failed: 1, skipped: 2 });
  });
});
