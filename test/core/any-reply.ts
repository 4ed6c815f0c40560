// Any values that replies are made of.

import fc from "fast-check";
import type { Usage } from "../../src/core/chat/usage.ts";
import type { JsonValue } from "../../src/core/json.ts";
import type { CacheStatus, Degraded, Loss, ReplyMeta } from "../../src/core/reply.ts";

/** With halves of characters, and what JSON has to escape. */
export const anyText = fc.string({
  unit: fc.constantFrom("a", "B", "7", " ", "\n", "\u0000", '"', "\\", "é", "😀", "\ud83d", "\ude00"),
  maxLength: 12,
});

/** As it was parsed. */
export const anyJson: fc.Arbitrary<JsonValue> = fc
  .jsonValue({ maxDepth: 3, noUnicodeString: false })
  .map((value) => JSON.parse(JSON.stringify(value)));

export const anyCount = fc.nat({ max: 2 ** 40 });
/** Without the zero that has a sign, which JSON has not. */
export const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined });
export const maybeText = maybe(anyText);
export const maybeNumber = maybe(anyNumber);
const tokens = maybe(anyCount);

export const anyUsage: fc.Arbitrary<Usage> = fc.record({
  input: fc.record(
    {
      total: tokens,
      uncached: tokens,
      cacheRead: tokens,
      cacheWrite: tokens,
      audio: tokens,
      cacheWriteLong: tokens,
      cacheReadAudio: tokens,
    },
    { requiredKeys: [] },
  ),
  output: fc.record({ total: tokens, text: tokens, reasoning: tokens, audio: tokens }, { requiredKeys: [] }),
  source: fc.constantFrom("reported", "counted", "estimated"),
});

export const anyLosses: fc.Arbitrary<readonly Loss[]> = fc.array(
  fc.record({ field: anyText, detail: anyText }),
  { maxLength: 2 },
);

const statuses: readonly CacheStatus[] = ["hit", "semantic", "miss", "bypass", "stale"];
const stands: readonly Degraded[] = ["stale_answer", "fallback_message"];

export const anyMeta: fc.Arbitrary<ReplyMeta> = fc.record(
  {
    requestId: anyText,
    correlationId: maybeText,
    provider: maybeText,
    model: maybeText,
    modelServed: maybeText,
    route: maybeText,
    attempts: anyCount,
    cacheStatus: fc.constantFrom(...statuses),
    latencyMs: maybeNumber,
    costNanos: fc.oneof(
      fc.bigInt({ min: -(2n ** 100n), max: 2n ** 100n }),
      fc.constant(null),
      fc.constant(undefined),
    ),
    losses: anyLosses,
    degraded: maybe(fc.constantFrom(...stands)),
  },
  { requiredKeys: ["requestId", "attempts", "cacheStatus", "losses"] },
);
