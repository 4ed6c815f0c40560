// The vendor's counts as the core's usage. `input_tokens` leaves cached tokens out; the core's total has them.
// Source: platform.claude.com/docs/en/build-with-claude/prompt-caching

import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { countIn, isJsonObject } from "../vendor-json.ts";

/** What the vendor has told so far; a stream tells it twice, the second time cumulatively. */
export interface Counts {
  readonly uncached?: number | undefined;
  readonly cacheRead?: number | undefined;
  readonly cacheWrite?: number | undefined;
  /** Of it, what is kept for an hour. */
  readonly cacheWriteLong?: number | undefined;
  /** Whether one of these two was told as what is no count: then the sum with them is not known. */
  readonly cacheUnclear?: boolean | undefined;
  readonly output?: number | undefined;
  readonly thinking?: number | undefined;
}

/** The counts with those of a `usage` object over them; what it does not tell stays. */
export function withCounts(known: Counts, usage: JsonValue | undefined): Counts {
  if (!isJsonObject(usage)) return known;
  const details = isJsonObject(usage["output_tokens_details"]) ? usage["output_tokens_details"] : {};
  return {
    uncached: countIn(usage["input_tokens"]) ?? known.uncached,
    cacheRead: countIn(usage["cache_read_input_tokens"]) ?? known.cacheRead,
    cacheWrite: countIn(usage["cache_creation_input_tokens"]) ?? cacheWriteOf(usage) ?? known.cacheWrite,
    cacheWriteLong: cacheWriteLongOf(usage) ?? known.cacheWriteLong,
    cacheUnclear:
      known.cacheUnclear === true ||
      isNoCount(usage["cache_read_input_tokens"]) ||
      isNoCount(usage["cache_creation_input_tokens"]),
    output: countIn(usage["output_tokens"]) ?? known.output,
    thinking: countIn(details["thinking_tokens"]) ?? known.thinking,
  };
}

const isNoCount = (told: JsonValue | undefined): boolean =>
  told !== undefined && told !== null && countIn(told) === undefined;

function cacheWriteOf({ cache_creation: creation }: JsonObject): number | undefined {
  if (!isJsonObject(creation)) return undefined;
  const fiveMinutes = countIn(creation["ephemeral_5m_input_tokens"]);
  const oneHour = countIn(creation["ephemeral_1h_input_tokens"]);
  return fiveMinutes === undefined && oneHour === undefined
    ? undefined
    : countIn((fiveMinutes ?? 0) + (oneHour ?? 0));
}

function cacheWriteLongOf({ cache_creation: creation }: JsonObject): number | undefined {
  return isJsonObject(creation) ? countIn(creation["ephemeral_1h_input_tokens"]) : undefined;
}

/** Undefined when the vendor has told nothing. */
export function usageOf(counts: Counts): Usage | undefined {
  const { uncached, cacheRead, cacheWrite, cacheWriteLong, cacheUnclear, output, thinking } = counts;
  if (uncached === undefined && output === undefined) return undefined;
  const reasoning =
    thinking !== undefined && output !== undefined && thinking <= output ? thinking : undefined;
  return {
    input: {
      total:
        uncached === undefined || cacheUnclear === true
          ? undefined
          : countIn(uncached + (cacheRead ?? 0) + (cacheWrite ?? 0)),
      uncached,
      cacheRead,
      cacheWrite,
      cacheWriteLong,
    },
    output: {
      total: output,
      text: output === undefined || reasoning === undefined ? undefined : output - reasoning,
      reasoning,
    },
    source: "reported",
  };
}
