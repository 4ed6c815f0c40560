// The vendor's counts as the core's usage. Reasoning is counted with the answer, and never apart; a prompt that the
// server still had in its cache may come without a count.

import type { Usage } from "../../core/chat/usage.ts";
import type { JsonObject } from "../../core/json.ts";
import { countIn } from "../vendor-json.ts";

/** Undefined when the vendor has told nothing. */
export function usageOf(answer: JsonObject): Usage | undefined {
  const input = countIn(answer["prompt_eval_count"]);
  const output = countIn(answer["eval_count"]);
  if (input === undefined && output === undefined) return undefined;
  return { input: { total: input }, output: { total: output }, source: "reported" };
}
