// The vendor's `usage`: the input counts what was cached, the output counts reasoning.
// Source: platform.openai.com/docs/api-reference/responses/object

import type { Usage } from "../../../core/chat/usage.ts";
import type { JsonObject } from "../../../core/json.ts";
import { countIn, objectIn } from "../../vendor-json.ts";

/** What an answer tells; undefined when it tells no count. */
export function readUsage(answer: JsonObject): Usage | undefined {
  const usage = objectIn(answer["usage"]);
  const input = countIn(usage?.["input_tokens"]);
  const output = countIn(usage?.["output_tokens"]);
  if (usage === undefined || (input === undefined && output === undefined)) return undefined;
  const inputDetails = objectIn(usage["input_tokens_details"]);
  const cacheRead = countIn(inputDetails?.["cached_tokens"]);
  const cacheWrite = countIn(inputDetails?.["cache_write_tokens"]);
  const told = countIn(objectIn(usage["output_tokens_details"])?.["reasoning_tokens"]);
  const total = outputTotal({ input, output, reasoning: told, all: countIn(usage["total_tokens"]) });
  // More than there was in all: no count of this output.
  const reasoning = told !== undefined && total !== undefined && told > total ? undefined : told;
  return {
    input: {
      total: input,
      uncached: cacheRead === undefined ? undefined : minus(input, cacheRead + (cacheWrite ?? 0)),
      cacheRead,
      cacheWrite,
    },
    output: {
      total,
      text: reasoning === undefined ? undefined : minus(total, reasoning),
      reasoning,
    },
    source: "reported",
  };
}

interface Counts {
  readonly input: number | undefined;
  readonly output: number | undefined;
  readonly reasoning: number | undefined;
  readonly all: number | undefined;
}

/** Some vendors count reasoning beside the output: then the sum of all shows it. */
function outputTotal({ input, output, reasoning, all }: Counts): number | undefined {
  if (input === undefined || output === undefined || reasoning === undefined) return output;
  return reasoning > 0 && all === input + output + reasoning ? output + reasoning : output;
}

// Parts that do not fit into their total leave the rest unknown.
const minus = (total: number | undefined, part: number): number | undefined =>
  total === undefined || part > total ? undefined : total - part;
