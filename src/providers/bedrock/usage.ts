// The vendor's counts as the core's usage. `inputTokens` leaves out what was read from and written to the cache;
// `totalTokens` has it.
// Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_TokenUsage.html

import type { Usage } from "../../core/chat/usage.ts";
import type { JsonValue } from "../../core/json.ts";
import { countIn, listIn, objectIn } from "../vendor-json.ts";

/** Undefined when the vendor has told nothing. */
export function usageOf(value: JsonValue | undefined): Usage | undefined {
  const counts = objectIn(value);
  const uncached = countIn(counts?.["inputTokens"]);
  const output = countIn(counts?.["outputTokens"]);
  if (counts === undefined || (uncached === undefined && output === undefined)) return undefined;
  const cacheRead = countIn(counts["cacheReadInputTokens"]);
  const cacheWrite = countIn(counts["cacheWriteInputTokens"]);
  return {
    input: {
      total: sum(uncached, counts["cacheReadInputTokens"], counts["cacheWriteInputTokens"]),
      uncached,
      cacheRead,
      cacheWrite,
      cacheWriteLong: writtenForAnHour(counts["cacheDetails"]),
    },
    // Reasoning is counted with it, and never apart.
    output: { total: output },
    source: "reported",
  };
}

/** Of a list by how long is kept; without a list nothing is known. */
function writtenForAnHour(details: JsonValue | undefined): number | undefined {
  const entries = listIn(details);
  if (entries.length === 0) return undefined;
  let total: number | undefined = 0;
  for (const entry of entries) {
    const told = objectIn(entry);
    if (told?.["ttl"] !== "1h") continue;
    const count = countIn(told["inputTokens"]);
    total = total === undefined || count === undefined ? undefined : countIn(total + count);
  }
  return total;
}

/** What is not told is 0 in the sum; what is told as no count makes it unknown. */
function sum(
  uncached: number | undefined,
  ...cached: readonly (JsonValue | undefined)[]
): number | undefined {
  let total = uncached;
  for (const told of cached) {
    const count = told === undefined || told === null ? 0 : countIn(told);
    if (total === undefined || count === undefined) return undefined;
    total += count;
  }
  return countIn(total);
}
