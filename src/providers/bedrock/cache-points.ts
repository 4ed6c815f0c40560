// Where the vendor is asked to keep the prompt in its cache: a block of its own behind what is to be kept.
// Source: docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html

import type { CacheHint } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { ModelTraits } from "./model-traits.ts";
import type { CachePoint } from "./wire.ts";

const mostPoints = 4;

/** To be asked in the order of the vendor's prompt: tools, system, messages. */
export interface CachePoints {
  /** At most one. */
  after(hint: CacheHint | undefined, field: string): readonly CachePoint[];
}

export function createCachePoints({ caching }: ModelTraits, losses: LossList): CachePoints {
  let points = 0;
  let short = false;
  return {
    after(hint, field) {
      if (hint === undefined) return [];
      const lose = (detail: string): void => losses.add(`${field}.cacheHint`, detail);
      if (caching === "none" || points === mostPoints) {
        lose(
          caching === "none"
            ? "Dropped: Bedrock keeps no prompts for this model."
            : `Dropped: Bedrock takes at most ${mostPoints} cache points a request.`,
        );
        return [];
      }
      points += 1;
      if (hint === "long" && caching === "long" && !short) {
        return [{ cachePoint: { type: "default", ttl: "1h" } }];
      }
      if (hint === "long") {
        lose(
          caching === "long"
            ? "Sent as short: Bedrock takes no long cache point after a short one."
            : "Sent as short: Bedrock keeps prompts for this model no longer.",
        );
      }
      short = true;
      return [{ cachePoint: { type: "default" } }];
    },
  };
}
