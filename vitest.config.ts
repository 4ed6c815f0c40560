import { defineConfig } from "vitest/config";

export default defineConfig({
  // As Node resolves: with Vite's own condition `development`, graphql would be loaded twice, once from its
  // folder of development builds.
  ssr: { resolve: { conditions: ["module-sync", "node"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/bench/**"],
    globalSetup: ["test/support/postgres-on-demand.ts"],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    // Two cores: more workers than that only queue for the processor.
    maxWorkers: 2,
    // A worker loads a module once for all of its files: a third of the time goes otherwise into loading them again.
    isolate: false,
    // V8 loses track of code pages when threads come and go by the hundred, as the tests' databases do, and ends the
    // process: "Check failed: jit_page.has_value()" (github.com/nodejs/node/issues/64500).
    execArgv: ["--no-memory-protection-keys"],
  },
});
