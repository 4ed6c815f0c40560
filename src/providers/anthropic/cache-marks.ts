// Where the vendor is asked to keep the prompt in its cache.
// Source: platform.claude.com/docs/en/build-with-claude/prompt-caching

import type { CacheHint } from "../../core/chat/request.ts";
import type { LossList } from "../loss-list.ts";
import type { CacheControl } from "./wire.ts";

const mostMarks = 4;

/** To be asked in the order of the vendor's prompt: tools, system, messages. */
export interface CacheMarks {
  mark(hint: CacheHint | undefined, field: string): { readonly cache_control?: CacheControl };
}

export function createCacheMarks(losses: LossList): CacheMarks {
  let marks = 0;
  let short = false;
  return {
    mark(hint, field) {
      if (hint === undefined) return {};
      if (marks === mostMarks) {
        losses.add(
          `${field}.cacheHint`,
          `Dropped: Anthropic takes at most ${mostMarks} cache marks a request.`,
        );
        return {};
      }
      marks += 1;
      if (hint === "long" && short) {
        losses.add(
          `${field}.cacheHint`,
          "Sent as short: Anthropic takes no long cache mark after a short one.",
        );
      } else if (hint === "long") {
        return { cache_control: { type: "ephemeral", ttl: "1h" } };
      }
      short = true;
      return { cache_control: { type: "ephemeral" } };
    },
  };
}
