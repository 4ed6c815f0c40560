import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Two cores: more workers than that only queue for the processor.
    maxWorkers: 2,
  },
});
