import { defineConfig } from "vitest/config";

export default defineConfig({
  // As Node resolves: with Vite's own condition `development`, graphql would be loaded twice, once from its
  // folder of development builds.
  ssr: { resolve: { conditions: ["module-sync", "node", "import", "default"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // Two cores: more workers than that only queue for the processor.
    maxWorkers: 2,
  },
});
