import { defineConfig } from "vitest/config";

// A loaded machine may be slow; a test that hangs still ends.
export default defineConfig({
  test: { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } },
});
