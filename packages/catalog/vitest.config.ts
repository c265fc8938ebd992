import { defineConfig } from "vitest/config";

export default defineConfig({
  // Property tests over real databases: fast alone, slow beside other packages' tests on a small machine.
  test: { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } },
});
