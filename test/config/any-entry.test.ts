// Whatever an entry says: it is read, or refused at its place without its secrets.

import fc from "fast-check";
import { expect, test } from "vitest";
import { checkProvider } from "../../src/config/check-provider.ts";
import { checkRoute } from "../../src/config/check-route.ts";
import { ConfigurationError } from "../../src/config/configuration.ts";
import { kinds } from "./load.ts";
import { knownProviders } from "./refusals.ts";

const anyNumber = fc.oneof(fc.constantFrom(0, 1, -1, 0.5, Number.NaN, Infinity, 2 ** 53), fc.double());
const anyValue = fc.oneof(anyNumber, fc.jsonValue(), fc.constant(undefined));

/** Mappings of known keys, most of them with what stands there in good entries. */
const anyMapping = (members: Record<string, fc.Arbitrary<unknown>>, needed: readonly string[] = []) =>
  fc.record(
    Object.fromEntries(
      Object.entries(members).map(([key, usual]) => [
        key,
        fc.oneof({ weight: 12, arbitrary: usual }, { weight: 1, arbitrary: anyValue }),
      ]),
    ),
    { requiredKeys: [...needed] },
  );

const breaker = anyMapping({
  failureThreshold: fc.integer({ min: 1, max: 9 }),
  resetTimeoutSeconds: fc.integer({ min: 1, max: 99 }),
  errorRate: anyMapping({ percent: fc.integer({ min: 1, max: 100 }) }),
});
const timeouts = anyMapping({ firstTokenMs: fc.integer({ min: 1, max: 9_999 }) });

const anyRoute = anyMapping(
  {
    strategy: fc.constantFrom("smart", "weighted"),
    smartWeights: anyMapping({ latency: fc.nat(9), cost: fc.nat(9) }),
    onStreamBreak: fc.constantFrom("fail", "continue"),
    hedge: anyMapping({
      afterMs: fc.constantFrom("p95", 100),
      maxCostDollars: fc.double({ min: 0, max: 9 }),
    }),
    targets: fc.array(
      anyMapping(
        {
          provider: fc.constantFrom("groq", "openai"),
          model: fc.constantFrom("a", "b", "c"),
          weight: fc.nat(9),
          retries: fc.nat(3),
          breaker,
          timeouts,
        },
        ["provider", "model"],
      ),
      { minLength: 1, maxLength: 3 },
    ),
  },
  ["targets"],
);

function outcome(check: () => unknown): string {
  try {
    check();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message;
  }
  return "accepted";
}

test("any route's entry", () => {
  const accepted = { routes: 0 };
  const given = { name: "r", source: "managed", place: "input", kinds, routes: ["r"] } as const;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: anyRoute }, anyValue), (entry) => {
      const told = outcome(() => checkRoute({ ...given, entry, providers: knownProviders }));
      if (told === "accepted") accepted.routes += 1;
      else expect(told).toMatch(/^input[.:[]/);
    }),
    { numRuns: 1_000 },
  );
  expect(accepted.routes).toBeGreaterThan(20);
});

test("any provider's entry", () => {
  const accepted = { providers: 0 };
  const secret = fc.constantFrom("s3cret", "s3cret-2");
  const usual = anyMapping(
    {
      kind: fc.constantFrom("groq", "openai", "hosted", "local"),
      apiKey: secret,
      baseUrl: fc.constant("http://127.0.0.1:9"),
      priority: fc.nat(9),
      breaker,
      timeouts,
    },
    ["kind", "apiKey"],
  );
  const further = anyMapping({
    apiKeys: fc.array(secret, { maxLength: 3 }),
    baseUrl: fc.constantFrom("http://u:s3cret@h", "s3cret@h/v1", "http://h/?key=s3cret"),
    api: fc.constant("chat"),
    adToken: fc.oneof(secret, fc.constant({ s3cret: "s3cret" })),
    probe: anyMapping({ intervalSeconds: fc.integer({ min: 1, max: 99 }) }),
  });
  const anyProvider = fc
    .tuple(usual, fc.oneof(fc.constant({}), further))
    .map(([some, more]) => Object.assign({}, some, more));
  const given = { name: "p", source: "managed", place: "input", kinds } as const;
  fc.assert(
    fc.property(fc.oneof({ weight: 9, arbitrary: anyProvider }, anyValue), (entry) => {
      const told = outcome(() => checkProvider({ ...given, entry }));
      if (told === "accepted") accepted.providers += 1;
      else expect(told).toMatch(/^input[.:[]/);
      expect(told).not.toContain("s3cret");
    }),
    { numRuns: 1_000 },
  );
  expect(accepted.providers).toBeGreaterThan(20);
});
