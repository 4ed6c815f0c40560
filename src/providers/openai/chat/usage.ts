// The vendor's `usage`: prompt counts include what was cached, completion counts include reasoning.
// Sources: platform.openai.com/docs/api-reference/chat/object; docs.x.ai/docs/guides/reasoning (reasoning is counted
// beside); api-docs.deepseek.com/guides/kv_cache; `cache_write_tokens` is OpenRouter's, a plain `cached_tokens`
// Together's and Moonshot's.

import type { Usage } from "../../../core/chat/usage.ts";
import type { JsonObject, JsonValue } from "../../../core/json.ts";
import { countIn, objectIn, saysSomething } from "../../vendor-json.ts";
import type { FamilyMember } from "./family-member.ts";

/** What a chunk or a whole answer tells; undefined when it tells no count. */
export function readUsage(answer: JsonObject, member: FamilyMember): Usage | undefined {
  const usage = answer["usage"];
  if (usage !== undefined && usage !== null) {
    const told = usageOf(objectIn(usage), member);
    if (told !== undefined) return told;
  }
  if (member.besides === undefined) return undefined;
  return usageOf(objectIn(objectIn(answer[member.besides])?.["usage"]), member);
}

function usageOf(usage: JsonObject | undefined, member: FamilyMember): Usage | undefined {
  if (usage === undefined) return undefined;
  const prompt = objectIn(usage["prompt_tokens_details"]);
  const inputTotal = countIn(usage["prompt_tokens"]);
  const completion = countIn(usage["completion_tokens"]);
  if (inputTotal === undefined && completion === undefined) return undefined;
  const cached =
    countIn(prompt?.["cached_tokens"]) ??
    countIn(usage["prompt_cache_hit_tokens"]) ??
    countIn(usage["cached_tokens"]);
  const written = countIn(prompt?.["cache_write_tokens"]);
  // More than there was in all: a count of something else, as some deployments of Azure's tell it.
  const plausible = inputTotal === undefined || (cached ?? 0) + (written ?? 0) <= inputTotal;
  const cacheRead = plausible ? cached : undefined;
  const cacheWrite = plausible ? written : undefined;
  return {
    input: {
      total: inputTotal,
      uncached:
        cacheRead === undefined || inputTotal === undefined
          ? undefined
          : inputTotal - cacheRead - (cacheWrite ?? 0),
      cacheRead,
      cacheWrite,
      audio: countUpTo(inputTotal, prompt?.["audio_tokens"]),
    },
    output: {
      ...outputOf(usage, { inputTotal, completion, member }),
      audio: countUpTo(completion, objectIn(usage["completion_tokens_details"])?.["audio_tokens"]),
    },
    source: "reported",
  };
}

/** More than there was in all is no count of this. */
function countUpTo(total: number | undefined, told: JsonValue | undefined): number | undefined {
  const count = countIn(told);
  return count === undefined || total === undefined || count > total ? undefined : count;
}

interface Told {
  readonly inputTotal: number | undefined;
  readonly completion: number | undefined;
  readonly member: FamilyMember;
}

function outputOf(usage: JsonObject, { inputTotal, completion, member }: Told): Usage["output"] {
  const toldReasoning = objectIn(usage["completion_tokens_details"])?.["reasoning_tokens"];
  const reasoning = countIn(toldReasoning);
  if (reasoning === undefined || completion === undefined) {
    // Told, but no count: where it would come on top, the total is not known.
    const unclear = saysSomething(toldReasoning) && member.reasoningCounted === "beside";
    return { total: unclear ? undefined : completion, text: undefined, reasoning: undefined };
  }
  const all = countIn(usage["total_tokens"]);
  const told = all === undefined || inputTotal === undefined ? undefined : all - inputTotal;
  // The vendor's own sum decides; where it fits neither way, what is known of the vendor does.
  const beside =
    told === completion + reasoning
      ? true
      : told === completion
        ? false
        : member.reasoningCounted === "beside";
  if (beside) return { total: countIn(completion + reasoning), text: completion, reasoning };
  if (reasoning > completion) return { total: completion, text: undefined, reasoning: undefined };
  return { total: completion, text: completion - reasoning, reasoning };
}
