import { defineConfig } from "vitest/config";

export default defineConfig({
  // Most tests start real processes of the CLI from source.
  test: { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } }, env: { NO_COLOR: "1" } },
});
