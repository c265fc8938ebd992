import { defineConfig } from "vitest/config";

export default defineConfig({
  // Some tests start processes and a browser; a slow machine is not a failure.
  test: { testTimeout: 30_000, hookTimeout: 30_000 },
});
