import { defineConfig } from "vitest/config";

export default defineConfig({
  // Some tests start processes and a browser; a slow machine is not a failure.
  test: { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } },
});
