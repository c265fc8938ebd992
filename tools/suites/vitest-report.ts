/** Counts of one suite. */
export interface SuiteCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface ReportJson {
  readonly success?: boolean;
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numPendingTests?: number;
  readonly numTodoTests?: number;
  readonly testResults?: readonly { readonly status?: string; readonly assertionResults?: readonly unknown[] }[];
}

/**
 * Counts what vitest's JSON reporter wrote. A suite that cannot be believed has failed: no report, no test in it,
 * a file that did not load, or an error outside of any test.
 *
 * @param text The report; undefined when none was written.
 * @param exitCode Vitest's exit status.
 */
export function countSuite(text: string | undefined, exitCode: number): SuiteCounts {
  const report = parseReport(text);
  if (report === undefined) return { passed: 0, failed: 1, skipped: 0 };
  const passed = report.numPassedTests ?? 0;
  const skipped = (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0);
  const brokenFiles = (report.testResults ?? []).filter(
    (file) => file.status === "failed" && (file.assertionResults ?? []).length === 0,
  ).length;
  const failed = (report.numFailedTests ?? 0) + brokenFiles;
  const unbelievable =
    passed + failed + skipped === 0 || (failed === 0 && (exitCode !== 0 || report.success === false));
  return { passed, failed: unbelievable ? 1 : failed, skipped };
}

function parseReport(text: string | undefined): ReportJson | undefined {
  if (text === undefined) return undefined;
  try {
    const report: unknown = JSON.parse(text);
    return typeof report === "object" && report !== null ? report : undefined;
  } catch {
    return undefined;
  }
}
