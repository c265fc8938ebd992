import { defineConfig } from "vitest/config";

// Every write of these tests waits for the disk, and a shared runner's disk may be slow.
export default defineConfig({
  test: { testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 20_000 } } },
});
