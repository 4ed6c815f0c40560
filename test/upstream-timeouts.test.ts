import fc from "fast-check";
import { expect, test } from "vitest";
import { checkRoute } from "../src/config/check-route.ts";
import { policyOf } from "../src/core/routing/default-policies.ts";
import { upstreamTimeouts } from "../src/upstream-timeouts.ts";
import { kinds, load, targetsOf } from "./config/load.ts";

const waits = fc.record(
  {
    firstTokenMs: fc.integer({ min: 1, max: 3_600_000 }),
    betweenTokensMs: fc.integer({ min: 1, max: 3_600_000 }),
  },
  { requiredKeys: [] },
);

test("connections wait longer than any target that a route may have", () => {
  const accepted = { routes: 0 };
  fc.assert(
    fc.property(waits, waits, (ofProvider, ofTarget) => {
      const entry = { targets: [{ provider: "p", model: "m", timeouts: ofTarget }] };
      const providers = { p: { kind: "openai", apiKey: "k", timeouts: ofProvider } };
      const [provider] = load({ yaml: JSON.stringify({ providers }) }).providers;
      expect(provider).toBeDefined();
      if (provider === undefined) return;
      try {
        checkRoute({
          name: "r",
          source: "file",
          entry,
          place: "input",
          providers: [provider],
          kinds,
          routes: [],
        });
      } catch {
        return;
      }
      accepted.routes += 1;
      const [target] = targetsOf({ yaml: JSON.stringify({ providers, routes: { r: entry } }) }, "r");
      if (target === undefined) throw new Error("The route has no target.");
      const { headersMs, idleMs } = upstreamTimeouts(provider);
      expect(headersMs).toBeGreaterThan(policyOf(target).firstTokenMs);
      expect(idleMs).toBeGreaterThan(policyOf(target).betweenTokensMs);
    }),
  );
  expect(accepted.routes).toBeGreaterThan(20);
});

test("a connection may take as long as the provider says", () => {
  expect(upstreamTimeouts({ connectMs: 250 }).connectMs).toBe(250);
  expect(upstreamTimeouts({}).connectMs).toBe(10_000);
});
