import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts", "packed/test/**/*.test.ts"],
    // Packing and installing every package takes minutes on a slow registry.
    testTimeout: 30_000,
    hookTimeout: 300_000,
  },
});
