// The vendor's `usage`: prompt counts include what was cached, completion counts include reasoning.
// Source: platform.openai.com/docs/api-reference/chat/object; `cache_write_tokens` is OpenRouter's.

import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../core/json.ts";
import type { FamilyMember } from "./family.ts";
import { objectIn } from "./wire.ts";

/** What a chunk or a whole answer tells; undefined when it tells no count. */
export function readUsage(answer: JsonObject, member: FamilyMember): Usage | undefined {
  const beside = member.usageBeside;
  return (
    usageOf(objectIn(answer["usage"])) ??
    (beside === undefined ? undefined : usageOf(objectIn(objectIn(answer[beside[0]])?.[beside[1]])))
  );
}

function usageOf(usage: JsonObject | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const prompt = objectIn(usage["prompt_tokens_details"]);
  const completion = objectIn(usage["completion_tokens_details"]);
  const inputTotal = countIn(usage["prompt_tokens"]);
  const outputTotal = countIn(usage["completion_tokens"]);
  if (inputTotal === undefined && outputTotal === undefined) return undefined;
  const cacheRead = countIn(prompt?.["cached_tokens"]);
  const cacheWrite = countIn(prompt?.["cache_write_tokens"]);
  const reasoning = countIn(completion?.["reasoning_tokens"]);
  return {
    input: {
      total: inputTotal,
      uncached: cacheRead === undefined ? undefined : minus(inputTotal, cacheRead + (cacheWrite ?? 0)),
      cacheRead,
      cacheWrite,
    },
    output: {
      total: outputTotal,
      text: reasoning === undefined ? undefined : minus(outputTotal, reasoning),
      reasoning,
    },
    source: "reported",
  };
}

const countIn = (value: JsonValue | undefined): number | undefined =>
  typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;

// Parts that do not fit into their total leave the rest unknown.
const minus = (total: number | undefined, part: number): number | undefined =>
  total === undefined || part > total ? undefined : total - part;
