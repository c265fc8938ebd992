import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["setup/capability-report.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    // Every test starts several nodes, which mostly wait for each other: a file for each of two cores, whatever there are.
    maxWorkers: 2,
    disableConsoleIntercept: true,
  },
});
