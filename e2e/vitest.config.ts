import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["setup/capability-report.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // Every test starts several nodes: files side by side would only measure each other's load.
    fileParallelism: false,
    disableConsoleIntercept: true,
  },
});
